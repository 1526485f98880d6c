import { draftsInstead, offerMinutes, type Draft } from './drafts.ts';
import {
  closingOf,
  draw,
  freeFor,
  giveBack,
  isElsewhere,
  isLive,
  offer,
  offeredTo,
  serveFreed,
  share,
  slotsOf,
  takenOf,
  waitingIn,
  whyShut,
} from './oracle-queue.ts';
import {
  copyOf,
  insteadLabel,
  unitsIn,
  type Answer,
  type Booking,
  type Change,
  type ChangeOp,
  type Entry,
  type Op,
  type Size,
  type State,
} from './oracle-state.ts';

type Resized = Change['slots'][number];
const isSame = (one: Size, other: Size) => one.capacity === other.capacity && one.closed === other.closed;
const roomIn = ({ capacity, closed }: Size) => (closed === null ? capacity : 0);

/** By how many units more is booked of a slot than it shall hold. */
const excessOf = (state: State, { slot, after }: Resized) => Math.max(0, takenOf(state, slot) - roomIn(after));

/** docs/domain.md, Capacity: closing and reopening are changes as any other; a cut is refused, or displaces when that is asked for. */
export function changeSlots(actual: State, op: ChangeOp): Answer {
  if (op.slots.some((slot) => actual.world.slots[slot]!.endsAt <= actual.now)) return 'rule: slot-over';
  const state = op.isDryRun ? copyOf(actual) : actual;
  const resized = op.slots.map((slot): Resized => {
    const before = state.sizes[slot]!;
    return { slot, before, after: { ...before, ...op.to } };
  });
  const shown = shownSizes(state, resized);
  const changed = resized.filter(({ before, after }) => !isSame(before, after));
  const isTooMuch = resized.some((each) => excessOf(state, each) > 0);
  if (isTooMuch && !op.displaces) return op.isDryRun ? `${shown}; displaced ; promoted ` : 'below-booked';
  const giveWay = whoGivesWay(state, resized);
  if (giveWay === null) return 'rule: bookings-must-stay';
  if (changed.length === 0) return `${shown}; displaced ; promoted `;

  const waitingToo = giveWay.chosen.flatMap((booking) => entryOfferedIn(state, booking) ?? []);
  const people = giveWay.chosen.map(({ person }) => person);
  const bookings = giveWay.chosen.filter(({ state: is }) => is === 'confirmed');
  const displaced = bookings.map(({ label, drawn }) => ({ booking: label, groups: drawn.map(({ group }) => group) }));
  giveBack(state, giveWay.chosen, 'displaced');
  for (const entry of waitingToo) entry.state = 'waiting';
  for (const { slot, after } of changed) state.sizes[slot] = after;
  const instead = new Map(bookings.map((booking) => [booking, offerInstead(state, booking)]));
  const freed = [...changed.map(({ slot }) => slot), ...giveWay.chosen.flatMap(({ units }) => Object.keys(units))];
  const promoted = serveFreed(state, freed, people);
  state.changes.push({ label: op.label, slots: changed, displaced, undoneBy: null });
  const told = giveWay.chosen.map((booking) => {
    const place = `${giveWay.order.indexOf(booking) + 1} of ${giveWay.order.length}`;
    const entry = instead.get(booking);
    return `${booking.label} (${place})${entry ? ` for ${op.isDryRun ? 'another' : entry.label}` : ''}`;
  });
  return `${shown}; displaced ${told.join()}; promoted ${promoted.join()}`;
}

/** Slots before and after, what is booked of them, and what of that is too much. */
function shownSizes(state: State, resized: readonly Resized[]): string {
  const size = ({ capacity, closed }: Size) => `${capacity}${closed === null ? '' : ' closed'}`;
  return resized
    .map((each) => {
      const { slot, before, after } = each;
      return `${slot} ${size(before)} to ${size(after)}, ${takenOf(state, slot)} booked, ${excessOf(state, each)} too many`;
    })
    .join(', ');
}

/** What is declared of a resource; of all others whoever booked last gives way first. */
const declared: Record<string, 'largest-party' | 'earliest-booked'> = { a: 'largest-party', w: 'earliest-booked' };

/** Whether one gives way before another, as a number to sort by: offers first, then in the declared order. */
function comesBefore(state: State, resource: string, one: Booking, other: Booking): number {
  const offersFirst = Number(other.state === 'held') - Number(one.state === 'held');
  const partyOf = ({ units }: Booking) => Math.max(...Object.values(units));
  const largestFirst = declared[resource] === 'largest-party' ? partyOf(other) - partyOf(one) : 0;
  const latestFirst = other.bookedAt - one.bookedAt || (state.idOf(one.label) < state.idOf(other.label) ? 1 : -1);
  return offersFirst || largestFirst || (declared[resource] === 'earliest-booked' ? -latestFirst : latestFirst);
}

/** Those who may give way, in order, and those of them who do: the last are kept first, while those before them are enough. */
function whoGivesWay(state: State, resized: readonly Resized[]): { order: Booking[]; chosen: Booking[] } | null {
  const cut = resized.filter((each) => excessOf(state, each) > 0);
  const order = state.bookings
    .filter((booking) => {
      const inTheWay = cut.filter(({ slot }) => booking.units[slot] !== undefined);
      const hasBegun = inTheWay.some(({ slot }) => state.world.slots[slot]!.startsAt <= state.now);
      return isLive(booking) && inTheWay.length > 0 && !hasBegun && !booking.isProtected;
    })
    .toSorted((one, other) => comesBefore(state, resized[0]!.slot[0]!, one, other));
  const areEnough = (bookings: readonly Booking[]) =>
    cut.every((each) => (unitsIn(bookings)[each.slot] ?? 0) >= excessOf(state, each));
  if (!areEnough(order)) return null;
  let chosen = order;
  for (const booking of order.toReversed()) {
    const others = chosen.filter((other) => other !== booking);
    if (areEnough(others)) chosen = others;
  }
  return { order, chosen };
}

function entryOfferedIn(state: State, booking: Booking): Entry | undefined {
  return state.entries.find((entry) => entry.state === 'offered' && offeredTo(state, entry).includes(booking));
}

/** The nearest that fits is held as an offer, but never before those who wait there; what is kept for groups stays theirs. */
function offerInstead(state: State, booking: Booking): Entry | null {
  const queued = waitingIn(state).flatMap(slotsOf);
  const draft = draftsInstead(state.world, booking, state.now).find((other) => {
    const slots = Object.keys(other.units);
    const isOpen = slots.every((slot) => whyShut(state, slot) === null) && !share(slots, queued);
    const fits = slots.every((slot) => freeFor(state, slot, []) >= other.units[slot]!);
    return isOpen && fits && !isElsewhere(state, [other]);
  });
  if (!draft) return null;
  const entry = entryFor(state, booking, draft);
  state.entries.push(entry);
  offer(state, entry);
  return entry;
}

function entryFor(state: State, { label, person, kind }: Booking, draft: Draft): Entry {
  const before = state.entries.filter(({ insteadOf }) => insteadOf === label).length;
  return {
    label: insteadLabel(label, before + 1),
    person,
    groups: [],
    drafts: [draft],
    offerMinutes: offerMinutes[kind],
    closesAt: closingOf(state, slotsOf({ drafts: [draft] })),
    passes: 0,
    state: 'waiting',
    offers: 0,
    insteadOf: label,
  };
}

/**
 * docs/domain.md, Capacity, Undo: while its slots are as it left them and nobody would lose a place. Those who gave way and have not accepted
 * something else come back, whoever came last in the order first; then those who wait are served.
 */
export function undo(actual: State, { label, change: of, isDryRun }: Extract<Op, { do: 'undo' }>): Answer {
  const state = isDryRun ? copyOf(actual) : actual;
  const change = state.changes.find((one) => one.label === of)!;
  if (change.undoneBy !== null) return 'rule: already-undone';
  const ahead = change.slots.filter(({ slot }) => state.now < state.world.slots[slot]!.endsAt);
  if (ahead.length === 0) return 'rule: slot-over';
  if (ahead.some(({ slot, after }) => !isSame(state.sizes[slot]!, after))) return 'rule: changed-since';
  const resized = ahead.map(({ slot, before, after }) => ({ slot, before: after, after: before }));
  if (resized.some((each) => excessOf(state, each) > 0)) return 'below-booked';
  const shown = shownSizes(state, resized);

  const lost = change.displaced.map(({ booking }) => state.bookings.find((one) => one.label === booking)!);
  const others = state.entries.filter(({ insteadOf }) => lost.some((booking) => booking.label === insteadOf));
  const freed = [...lost, ...others.flatMap((entry) => offeredTo(state, entry))];
  for (const { slot, after } of resized) state.sizes[slot] = after;
  const back: string[] = [];
  const away: string[] = [];
  for (const { booking, groups } of change.displaced.toReversed()) {
    const why = restore(
      state,
      state.bookings.find((one) => one.label === booking)!,
      groups,
    );
    if (why === null) back.push(booking);
    else away.push(`${booking} (${why})`);
  }
  const slots = [...resized.map(({ slot }) => slot), ...freed.flatMap(({ units }) => Object.keys(units))];
  const promoted = serveFreed(
    state,
    slots,
    freed.map(({ person }) => person),
  );
  state.changes.push({ label, slots: resized, displaced: [], undoneBy: null });
  change.undoneBy = label;
  return `${shown}; back ${back.join()}; away ${away.join()}; promoted ${promoted.join()}`;
}

/** Gives a booking back to its owner, for what they are offered instead; or says why not. */
function restore(state: State, booking: Booking, groups: readonly string[]): string | null {
  const entry = state.entries.findLast(({ insteadOf }) => insteadOf === booking.label);
  if (entry?.state === 'accepted') return 'accepted-alternative';
  if (booking.startsAt <= state.now) return 'begun';
  const slots = Object.keys(booking.units);
  if (slots.some((slot) => state.sizes[slot]!.closed !== null)) return 'closed';
  const held = entry?.state === 'offered' ? offeredTo(state, entry) : [];
  const without = copyOf(state);
  giveBack(
    without,
    without.bookings.filter(({ label }) => held.some((one) => one.label === label)),
    'cancelled',
  );
  if (isElsewhere(without, [booking])) return 'overlap';
  if (slots.some((slot) => freeFor(without, slot, groups) < booking.units[slot]!)) return 'full';
  giveBack(state, held, 'cancelled');
  if (entry && (entry.state === 'offered' || entry.state === 'waiting')) entry.state = 'withdrawn';
  booking.state = 'confirmed';
  booking.drawn = draw(state, booking, groups);
  return null;
}
