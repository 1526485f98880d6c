import {
  copyOf,
  unitsIn,
  type Answer,
  type Booking,
  type Claim,
  type Draft,
  type Entry,
  type Op,
  type State,
} from './oracle-state.ts';

/**
 * What the service ought to do, as the simplest code that could be right: one command after the other, every rule looked up in a list. It
 * shares nothing with the engine. Rules: docs/domain.md, Waiting lists and Capacity; docs/architecture.md, The way of one booking.
 */
export function carryOut(state: State, op: Op): Answer {
  switch (op.do) {
    case 'book':
      return book(state, op);
    case 'cancel':
      return cancel(state, op);
    case 'accept':
      return accept(state, op.entry);
    case 'decline':
      return decline(state, op.entry);
    case 'capacity':
      return changeCapacity(state, op);
    case 'lapse-holds':
      return end(
        state,
        state.bookings.filter(({ state: is, expiresAt }) => is === 'held' && expiresAt! <= state.now),
        'expired',
      );
    case 'lapse-entries':
      return lapseEntries(state);
    case 'release-allotments':
      return releaseAllotments(state);
    case 'serve-queues':
      return serve(
        state,
        Object.keys(state.world.slots).filter(
          (slot) => isOpen(state, slot) && takenOf(state, slot) < state.capacity[slot]!,
        ),
      ).join();
  }
}

/** After so many times nobody passes any more. */
const maxPasses = 3;

const isLive = ({ state }: Booking) => state === 'held' || state === 'confirmed';

/** Units that live bookings hold of a slot. */
export function takenOf(state: State, slot: string): number {
  return state.bookings.filter(isLive).reduce((sum, { units }) => sum + (units[slot] ?? 0), 0);
}

function isOpen({ now, world }: State, slot: string): boolean {
  return world.slots[slot]!.opensAt <= now && now < world.slots[slot]!.closesAt;
}

function freeFor(state: State, slot: string, groups: readonly string[]): number {
  const keptForOthers = state.allotments
    .filter((kept) => kept.slot === slot && state.now < kept.releaseAt && !groups.includes(kept.group))
    .reduce((sum, { units, taken }) => sum + units - taken, 0);
  return state.capacity[slot]! - takenOf(state, slot) - keptForOthers;
}

function meets(one: Claim, other: Claim): boolean {
  return one.who === other.who && one.scope === other.scope && one.from < other.to && other.from < one.to;
}

function isElsewhere({ bookings }: State, drafts: readonly Draft[]): boolean {
  const wanted = drafts.flatMap(({ claims }) => claims);
  const held = bookings.filter(isLive).flatMap(({ claims }) => claims);
  return wanted.some((claim, index) => [...wanted.slice(0, index), ...held].some((other) => meets(claim, other)));
}

const waitingIn = (state: State) => state.entries.filter((entry) => entry.state === 'waiting');
const slotsOf = (entry: Entry) => Object.keys(unitsIn(entry.drafts));
const share = (one: readonly string[], other: readonly string[]) => one.some((slot) => other.includes(slot));

function book(state: State, op: Extract<Op, { do: 'book' }>): Answer {
  const before = state.answers[op.label];
  if (before !== undefined) return before;
  const units = unitsIn(op.drafts);
  const slots = Object.keys(units);
  if (slots.some((slot) => !isOpen(state, slot))) return 'rule: booking-closed';
  if (isElsewhere(state, op.drafts)) return 'overlap';
  const isFull = slots.some((slot) => freeFor(state, slot, op.groups) < units[slot]!);
  const inLine = waitingIn(state).filter((entry) => share(slotsOf(entry), slots));
  const isKept = inLine.some(({ passes }) => passes >= maxPasses);
  if ((isFull || isKept) && !op.waits) return 'slot-full';
  if (isFull || isKept) {
    const { label, person, groups, drafts, offerMinutes } = op;
    const closesAt = Math.min(...slots.map((slot) => state.world.slots[slot]!.closesAt));
    state.entries.push({ label, person, groups, drafts, offerMinutes, closesAt, passes: 0, state: 'waiting' });
    return (state.answers[label] = `queued ${label}`);
  }
  for (const entry of inLine) entry.passes++;
  make(state, op, null);
  return (state.answers[op.label] = `booked ${op.label}`);
}

/** Makes the bookings of a wish; they draw on the group's allotments first. */
function make(
  state: State,
  wish: Pick<Entry, 'label' | 'person' | 'groups' | 'drafts'>,
  expiresAt: number | null,
): void {
  for (const [index, { units, claims, cancelUntil, endsAt }] of wish.drafts.entries()) {
    const drawn: Booking['drawn'] = [];
    for (const [slot, count] of Object.entries(units)) {
      let left = count;
      for (const kept of state.allotments) {
        if (kept.slot !== slot || state.now >= kept.releaseAt || !wish.groups.includes(kept.group)) continue;
        const some = Math.min(left, kept.units - kept.taken);
        kept.taken += some;
        left -= some;
        drawn.push({ slot, group: kept.group, units: some });
      }
    }
    state.bookings.push({
      label: `${wish.label}.${index}`,
      of: wish.label,
      person: wish.person,
      units,
      claims,
      cancelUntil,
      endsAt,
      drawn,
      expiresAt,
      state: expiresAt === null ? 'confirmed' : 'held',
    });
  }
}

/** Serves the queues of some slots, first come first; whoever is served leaves other queues, which are served next. */
function serve(state: State, slots: readonly string[]): string[] {
  const served: string[] = [];
  for (let changed = slots; changed.length > 0;) {
    const left: string[] = [];
    const ahead: Entry[] = [];
    for (const entry of waitingIn(state)) {
      const units = unitsIn(entry.drafts);
      const own = Object.keys(units);
      if (own.some((slot) => !isOpen(state, slot)) || isElsewhere(state, entry.drafts)) continue;
      const passed = ahead.filter((other) => share(slotsOf(other), own));
      const fits = own.every((slot) => freeFor(state, slot, entry.groups) >= units[slot]!);
      if (!share(own, changed) || !fits || passed.some(({ passes }) => passes >= maxPasses)) {
        ahead.push(entry);
        continue;
      }
      for (const other of passed) other.passes++;
      const closings = own.map((slot) => state.world.slots[slot]!.closesAt);
      make(state, entry, Math.min(state.now + entry.offerMinutes * 60_000, ...closings));
      entry.state = 'offered';
      served.push(entry.label);
      left.push(...own);
    }
    changed = left;
  }
  return served;
}

/** Ends what is held or confirmed of some bookings, and offers what comes free: units, and people who were elsewhere. */
function end(state: State, bookings: readonly Booking[], to: 'cancelled' | 'expired'): '' {
  const ending = bookings.filter(isLive);
  if (ending.length === 0) return '';
  for (const booking of ending) {
    booking.state = to;
    booking.expiresAt = null;
    for (const { slot, group, units } of booking.drawn) {
      const kept = state.allotments.find((allotment) => allotment.slot === slot && allotment.group === group);
      if (kept) kept.taken -= units;
    }
    booking.drawn = [];
    const offer = state.entries.find((entry) => entry.state === 'offered' && `${entry.label}.0` === booking.label);
    if (offer) offer.state = to === 'expired' ? 'lapsed' : 'declined';
  }
  const people = bookings.map(({ person }) => person);
  const theirs = waitingIn(state).filter(({ person }) => people.includes(person));
  serve(state, [...bookings.flatMap(({ units }) => Object.keys(units)), ...theirs.flatMap(slotsOf)]);
  return '';
}

function cancel(state: State, { booking: label, byStaff }: Extract<Op, { do: 'cancel' }>): Answer {
  const booking = state.bookings.find((one) => one.label === label)!;
  if (booking.state === 'cancelled') return 'ok';
  if (!isLive(booking) || state.now >= booking.endsAt) return 'rule: already-over';
  if (!byStaff && state.now >= booking.cancelUntil) return 'rule: cancel-too-late';
  end(state, [booking], 'cancelled');
  return 'ok';
}

function accept(state: State, label: string): Answer {
  const entry = state.entries.find((one) => one.label === label)!;
  if (entry.state === 'accepted') return 'ok';
  if (entry.state === 'lapsed') return 'rule: offer-lapsed';
  if (entry.state !== 'offered') return 'rule: no-offer';
  const held = state.bookings.filter(({ of, state: is }) => of === label && is === 'held');
  if (held.some(({ expiresAt }) => state.now >= expiresAt!)) return 'rule: offer-lapsed';
  for (const booking of held) {
    booking.state = 'confirmed';
    booking.expiresAt = null;
  }
  entry.state = 'accepted';
  return 'ok';
}

function decline(state: State, label: string): Answer {
  const entry = state.entries.find((one) => one.label === label)!;
  if (entry.state === 'declined' || entry.state === 'withdrawn') return 'ok';
  if (entry.state === 'accepted' || entry.state === 'lapsed') return 'rule: already-left';
  const wasOffered = entry.state === 'offered';
  entry.state = wasOffered ? 'declined' : 'withdrawn';
  if (!wasOffered) serve(state, slotsOf(entry));
  else
    end(
      state,
      state.bookings.filter(({ of }) => of === label),
      'cancelled',
    );
  return 'ok';
}

function changeCapacity(state: State, { slots, capacity, isDryRun }: Extract<Op, { do: 'capacity' }>): Answer {
  if (slots.some((slot) => state.world.slots[slot]!.endsAt <= state.now)) return 'rule: slot-over';
  const isBelowBooked = slots.some((slot) => takenOf(state, slot) > capacity);
  if (isBelowBooked) return isDryRun ? 'promoted ' : 'below-booked';
  const touched = isDryRun ? copyOf(state) : state;
  const changed = slots.filter((slot) => state.capacity[slot] !== capacity);
  for (const slot of changed) touched.capacity[slot] = capacity;
  return `promoted ${serve(touched, changed).join()}`;
}

function lapseEntries(state: State): '' {
  const lapsing = waitingIn(state).filter(({ closesAt }) => closesAt <= state.now);
  for (const entry of lapsing) entry.state = 'lapsed';
  serve(state, lapsing.flatMap(slotsOf));
  return '';
}

function releaseAllotments(state: State): '' {
  const released = state.allotments.filter(({ releaseAt }) => releaseAt <= state.now);
  state.allotments = state.allotments.filter((kept) => !released.includes(kept));
  serve(
    state,
    released.map(({ slot }) => slot),
  );
  return '';
}
