import type { Instant } from '../calendar/time.ts';
import type { BookingState, Line, Slot } from './types.ts';

/** The orders in which bookings may be displaced; which one holds is a setting of the resource (domain.md, Capacity). */
export const displacementOrders = ['latest-booked', 'earliest-booked', 'largest-party'] as const;
export type DisplacementOrder = (typeof displacementOrders)[number];

/** What the choice of the displaced needs to know of a booking. */
export type Displaceable = {
  id: string;
  state: BookingState;
  createdAt: Instant;
  /** Never displaced, e.g. for accessible needs; the service says so. */
  isProtected: boolean;
  lines: readonly Line[];
};

export type Chosen<Booking extends Displaceable> =
  | {
      ok: true;
      /** Who gives way, first in the order first, each with its place among all who could have. */
      displaced: { booking: Booking; position: number }[];
      /** How many could have been displaced. */
      of: number;
    }
  /** Units by slot that would stay above the capacity even if everybody gave way who may. */
  | { ok: false; short: ReadonlyMap<number, number> };

/**
 * Chooses who gives way so that no slot is above its capacity: whoever comes last in the order is kept first, as long as those before
 * them are enough. So nobody is displaced who is not needed, and nobody while somebody before them would do instead. `excess` is how many
 * units of each slot are too many. Pure.
 */
export function chooseDisplaced<Booking extends Displaceable>(
  bookings: readonly Booking[],
  excess: ReadonlyMap<number, number>,
  { order, slots, at }: { order: DisplacementOrder; slots: ReadonlyMap<number, Slot>; at: Instant },
): Chosen<Booking> {
  const inOrder = bookings
    .filter((booking) => mayGiveWay(booking, excess, slots, at))
    .toSorted(comparisons[order])
    .toSorted(offersFirst);
  /** Units that come free beyond the excess, if everybody gives way who is not kept yet. */
  const spare = new Map([...excess].map(([slotId, units]) => [slotId, -units]));
  for (const { lines } of inOrder) add(spare, lines, 1);
  const short = new Map([...spare].flatMap(([slotId, units]) => (units < 0 ? [[slotId, -units] as const] : [])));
  if (short.size > 0) return { ok: false, short };
  const displaced: { booking: Booking; position: number }[] = [];
  for (const [index, booking] of [...inOrder.entries()].toReversed()) {
    const isNeeded = booking.lines.some(({ slotId, units }) => (spare.get(slotId) ?? Infinity) < units);
    if (isNeeded) displaced.push({ booking, position: index + 1 });
    else add(spare, booking.lines, -1);
  }
  return { ok: true, displaced: displaced.toReversed(), of: inOrder.length };
}

/** Nobody is turned out of what has begun, or who is protected or has come already; those who hold nothing that is too many are left alone. */
function mayGiveWay(
  { state, isProtected, lines }: Displaceable,
  excess: ReadonlyMap<number, number>,
  slots: ReadonlyMap<number, Slot>,
  at: Instant,
): boolean {
  if (isProtected || (state !== 'held' && state !== 'confirmed')) return false;
  const inExcess = lines.filter(({ slotId }) => (excess.get(slotId) ?? 0) > 0);
  return inExcess.length > 0 && inExcess.every(({ slotId }) => at < (slots.get(slotId)?.startsAt ?? at));
}

/** What is only offered gives way before what is booked. */
const offersFirst = (a: Displaceable, b: Displaceable): number =>
  Number(b.state === 'held') - Number(a.state === 'held');

const latestFirst = (a: Displaceable, b: Displaceable): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

const partyOf = ({ lines }: Displaceable): number => Math.max(...lines.map(({ units }) => units));

const comparisons: Record<DisplacementOrder, (a: Displaceable, b: Displaceable) => number> = {
  'latest-booked': latestFirst,
  'earliest-booked': (a, b) => latestFirst(b, a),
  'largest-party': (a, b) => partyOf(b) - partyOf(a) || latestFirst(a, b),
};

function add(units: Map<number, number>, lines: readonly Line[], sign: 1 | -1): void {
  for (const line of lines) {
    const known = units.get(line.slotId);
    if (known !== undefined) units.set(line.slotId, known + sign * line.units);
  }
}
