import type { Draft } from './drafts.ts';
import { offerLabel, unitsIn, type Booking, type Entry, type State } from './oracle-state.ts';
import type { Claim } from './world.ts';

/** After so many times nobody passes any more. */
export const maxPasses = 3;

export const isLive = ({ state }: Booking) => state === 'held' || state === 'confirmed';

/** Units that live bookings hold of a slot. */
export function takenOf(state: State, slot: string): number {
  return state.bookings.filter(isLive).reduce((sum, { units }) => sum + (units[slot] ?? 0), 0);
}

/** Why nothing of a slot can be booked now, if so. */
export function whyShut({ now, world, sizes }: State, slot: string): string | null {
  const { opensAt, closesAt } = world.slots[slot]!;
  if (sizes[slot]!.closed !== null) return 'slot-closed';
  if (now < opensAt) return 'not-yet-open';
  return now < closesAt ? null : 'booking-closed';
}

export function freeFor(state: State, slot: string, groups: readonly string[]): number {
  const keptForOthers = state.allotments
    .filter((kept) => kept.slot === slot && state.now < kept.releaseAt && !groups.includes(kept.group))
    .reduce((sum, { units, taken }) => sum + units - taken, 0);
  return state.sizes[slot]!.capacity - takenOf(state, slot) - keptForOthers;
}

function meets(one: Claim, other: Claim): boolean {
  return one.who === other.who && one.scope === other.scope && one.from < other.to && other.from < one.to;
}

/** Whether somebody cannot be there, since they are somewhere else then. */
export function isElsewhere({ bookings }: State, drafts: readonly Draft[]): boolean {
  const wanted = drafts.flatMap(({ claims }) => claims);
  const held = bookings.filter(isLive).flatMap(({ claims }) => claims);
  return wanted.some((claim, index) => [...wanted.slice(0, index), ...held].some((other) => meets(claim, other)));
}

export const waitingIn = (state: State) => state.entries.filter((entry) => entry.state === 'waiting');
export const slotsOf = ({ drafts }: Pick<Entry, 'drafts'>) => Object.keys(unitsIn(drafts));
export const share = (one: readonly string[], other: readonly string[]) => one.some((slot) => other.includes(slot));
export const closingOf = ({ world }: State, slots: readonly string[]) =>
  Math.min(...slots.map((slot) => world.slots[slot]!.closesAt));

/** Makes the bookings of a wish; they draw on the group's allotments first. */
export function make(
  state: State,
  wish: Pick<Entry, 'label' | 'person' | 'groups' | 'drafts'>,
  expiresAt: number | null,
): void {
  for (const [index, draft] of wish.drafts.entries()) {
    state.bookings.push({
      ...draft,
      label: `${wish.label}.${index}`,
      of: wish.label,
      person: wish.person,
      bookedAt: state.now,
      drawn: draw(state, draft, wish.groups),
      expiresAt,
      state: expiresAt === null ? 'confirmed' : 'held',
    });
  }
}

/** Takes as much as there is from the allotments of some groups. */
export function draw(state: State, { units }: Draft, groups: readonly string[]): Booking['drawn'] {
  const drawn: Booking['drawn'] = [];
  for (const [slot, count] of Object.entries(units)) {
    let left = count;
    for (const kept of state.allotments) {
      if (kept.slot !== slot || state.now >= kept.releaseAt || !groups.includes(kept.group)) continue;
      const some = Math.min(left, kept.units - kept.taken);
      kept.taken += some;
      left -= some;
      if (some > 0) drawn.push({ slot, group: kept.group, units: some });
    }
  }
  return drawn;
}

/** Holds what an entry waits for; it may be accepted until its time is up, or one of its slots closes. */
export function offer(state: State, entry: Entry): void {
  entry.offers++;
  entry.state = 'offered';
  const until = Math.min(state.now + entry.offerMinutes * 60_000, closingOf(state, slotsOf(entry)));
  make(state, { ...entry, label: offerLabel(entry.label, entry.offers) }, until);
}

/** Bookings of what an entry was offered last. */
export function offeredTo(state: State, { label, offers }: Entry): Booking[] {
  return offers === 0 ? [] : state.bookings.filter(({ of }) => of === offerLabel(label, offers));
}

/** Serves the queues of some slots, first come first; whoever is served leaves other queues, which are served next. */
export function serve(state: State, slots: readonly string[]): string[] {
  const served: string[] = [];
  for (let changed = slots; changed.length > 0;) {
    const left: string[] = [];
    const ahead: Entry[] = [];
    for (const entry of waitingIn(state)) {
      const units = unitsIn(entry.drafts);
      const own = Object.keys(units);
      if (own.some((slot) => whyShut(state, slot) !== null) || isElsewhere(state, entry.drafts)) continue;
      const passed = ahead.filter((other) => share(slotsOf(other), own));
      const fits = own.every((slot) => freeFor(state, slot, entry.groups) >= units[slot]!);
      if (!share(own, changed) || !fits || passed.some(({ passes }) => passes >= maxPasses)) {
        ahead.push(entry);
        continue;
      }
      for (const other of passed) other.passes++;
      offer(state, entry);
      served.push(entry.label);
      left.push(...own);
    }
    changed = left;
  }
  return served;
}

/** Ends some bookings: what they drew is the groups' again. */
export function giveBack(state: State, bookings: readonly Booking[], to: Booking['state']): void {
  for (const booking of bookings) {
    booking.state = to;
    booking.expiresAt = null;
    for (const { slot, group, units } of booking.drawn) {
      const kept = state.allotments.find((allotment) => allotment.slot === slot && allotment.group === group);
      if (kept) kept.taken -= units;
    }
    booking.drawn = [];
  }
}

/** Serves the queues of what came free: units of slots, and people who were elsewhere. */
export function serveFreed(state: State, slots: readonly string[], people: readonly string[]): string[] {
  const theirs = waitingIn(state).filter(({ person }) => people.includes(person));
  return serve(state, [...slots, ...theirs.flatMap(slotsOf)]);
}
