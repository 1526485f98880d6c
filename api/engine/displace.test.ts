import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDisplaced, displacementOrders, type Displaceable, type DisplacementOrder } from './displace.ts';
import type { Slot } from './types.ts';
import { engineSlot } from '../../tests/support/engine-slot.ts';

const at = 1_000;

const aSlot = (id: number, startsAt = 2_000): Slot => engineSlot(id, { startsAt, capacity: 9, taken: 9 });

const slots = new Map([1, 2, 3].map((id) => [id, aSlot(id)]));

function aBooking(id: string, units: Record<number, number>, change: Partial<Displaceable> = {}): Displaceable {
  const lines = Object.entries(units).map(([slotId, count]) => ({ slotId: Number(slotId), units: count }));
  return { id, state: 'confirmed', createdAt: 0, isProtected: false, lines, ...change };
}

function choose(bookings: Displaceable[], excess: Record<number, number>, order: DisplacementOrder = 'latest-booked') {
  const units = new Map(Object.entries(excess).map(([slotId, count]) => [Number(slotId), count]));
  return chooseDisplaced(bookings, units, { order, slots, at });
}
const idsOf = (chosen: ReturnType<typeof choose>) =>
  chosen.ok ? chosen.displaced.map(({ booking }) => booking.id) : 'refused';

describe('whoever gives way', () => {
  const early = aBooking('early', { 1: 1 }, { createdAt: 1 });
  const middle = aBooking('middle', { 1: 1 }, { createdAt: 2 });
  const late = aBooking('late', { 1: 1 }, { createdAt: 3 });

  test('is the latest booking by default, or whoever the declared order names', () => {
    expect(idsOf(choose([middle, late, early], { 1: 2 }))).toEqual(['late', 'middle']);
    expect(idsOf(choose([middle, late, early], { 1: 2 }, 'earliest-booked'))).toEqual(['early', 'middle']);
    const party = aBooking('party', { 1: 3 }, { createdAt: 0 });
    expect(idsOf(choose([late, party], { 1: 2 }, 'largest-party'))).toEqual(['party']);
  });

  test('has a place in the order among all who could have', () => {
    const guarded = aBooking('guarded', { 1: 1 }, { createdAt: 4, isProtected: true });
    expect(choose([early, middle, late, guarded], { 1: 1 })).toEqual({
      ok: true,
      displaced: [{ booking: late, position: 1 }],
      of: 3,
    });
  });

  test('is never somebody who came already, is protected, or is in the middle of it', () => {
    const came = aBooking('came', { 1: 1 }, { createdAt: 9, state: 'checked_in' });
    expect(idsOf(choose([came, early], { 1: 1 }))).toEqual(['early']);
    expect(choose([came, early], { 1: 2 })).toEqual({ ok: false, short: new Map([[1, 1]]) });
    const begun = new Map([[1, aSlot(1, at)]]);
    const chosen = chooseDisplaced([early], new Map([[1, 1]]), { order: 'latest-booked', slots: begun, at });
    expect(chosen).toEqual({ ok: false, short: new Map([[1, 1]]) });
  });

  test('is somebody who only has an offer before anybody who has booked', () => {
    const offered = aBooking('offered', { 1: 1 }, { createdAt: 0, state: 'held' });
    expect(idsOf(choose([late, offered], { 1: 1 }))).toEqual(['offered']);
  });

  test('relieves several slots at once, so that one who gave way for a part of it is kept after all', () => {
    const first = aBooking('first', { 1: 1 }, { createdAt: 9 });
    const both = aBooking('both', { 1: 1, 2: 1 }, { createdAt: 8 });
    expect(idsOf(choose([first, both], { 1: 1, 2: 1 }))).toEqual(['both']);
  });
});

const unitsArbitrary = fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 3 }), { minKeys: 1 });
const bookingsArbitrary = fc
  .array(
    fc.record({
      units: unitsArbitrary,
      createdAt: fc.integer({ min: 0, max: 5 }),
      state: fc.constantFrom('confirmed', 'confirmed', 'held', 'checked_in', 'completed'),
      isProtected: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((sketches) =>
    sketches.map(({ units, ...change }, index) =>
      aBooking(`b${index}`, units as Record<number, number>, change as Partial<Displaceable>),
    ),
  );

/** What a set of bookings takes of a slot. */
const unitsIn = (bookings: readonly Displaceable[], slotId: number): number =>
  bookings
    .flatMap(({ lines }) => lines)
    .filter((line) => line.slotId === slotId)
    .reduce((sum, { units }) => sum + units, 0);

/** The declared orders once more, said as one list of numbers to compare. */
const keys: Record<DisplacementOrder, (booking: Displaceable) => number[]> = {
  'latest-booked': ({ createdAt, id }) => [-createdAt, -Number(id.slice(1))],
  'earliest-booked': ({ createdAt, id }) => [createdAt, Number(id.slice(1))],
  'largest-party': ({ lines, createdAt, id }) => [
    -Math.max(...lines.map(({ units }) => units)),
    -createdAt,
    -Number(id.slice(1)),
  ],
};

function compareKeys(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, place) => value !== other[place]);
  return index < 0 ? 0 : one[index]! - other[index]!;
}

function keyOf(booking: Displaceable, order: DisplacementOrder): number[] {
  return [booking.state === 'held' ? 0 : 1, ...keys[order](booking)];
}

/** Tries every set: of those that are enough, the one that keeps whoever comes last in the order, then the one before, and so on. */
function bestByTrying(
  bookings: Displaceable[],
  excess: Map<number, number>,
  order: DisplacementOrder,
): string[] | null {
  const may = bookings
    .filter(({ state, isProtected }) => !isProtected && (state === 'held' || state === 'confirmed'))
    .filter(({ lines }) => lines.some(({ slotId }) => excess.has(slotId)));
  const lastFirst = may.toSorted((a, b) => -compareKeys(keyOf(a, order), keyOf(b, order)));
  let best: string | null = null;
  for (let set = 0; set < 2 ** lastFirst.length; set++) {
    const word = lastFirst.map((_, index) => ((set >> index) & 1 ? 'out' : 'kept'));
    const out = lastFirst.filter((_, index) => word[index] === 'out');
    if ([...excess].some(([slotId, units]) => unitsIn(out, slotId) < units)) continue;
    const joined = word.join();
    if (best === null || joined < best) best = joined;
  }
  const words = best?.split(',');
  return words ? lastFirst.filter((_, index) => words[index] === 'out').map(({ id }) => id) : null;
}

const caseArbitrary = fc.record({
  bookings: bookingsArbitrary,
  capacity: fc.integer({ min: 0, max: 6 }),
  order: fc.constantFrom(...displacementOrders),
});

function excessOver(bookings: Displaceable[], capacity: number): Map<number, number> {
  return new Map(
    [1, 2, 3].flatMap((slotId) => {
      const excess = unitsIn(bookings, slotId) - capacity;
      return excess > 0 ? [[slotId, excess] as const] : [];
    }),
  );
}

describe('for any bookings, capacity and order', () => {
  test('the choice is the one that trying every set finds', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ bookings, capacity, order }) => {
        const excess = excessOver(bookings, capacity);
        const chosen = chooseDisplaced(bookings, excess, { order, slots, at });
        const best = bestByTrying(bookings, excess, order);
        expect(chosen.ok ? chosen.displaced.map(({ booking }) => booking.id).toSorted() : null).toEqual(
          best && best.toSorted(),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('no slot is above its capacity, and putting anybody back would put one there', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ bookings, capacity, order }) => {
        const chosen = chooseDisplaced(bookings, excessOver(bookings, capacity), { order, slots, at });
        if (!chosen.ok) return;
        const out = new Set(chosen.displaced.map(({ booking }) => booking));
        const kept = bookings.filter((booking) => !out.has(booking));
        expect(excessOver(kept, capacity)).toEqual(new Map());
        for (const back of out) expect(excessOver([...kept, back], capacity).size).toBeGreaterThan(0);
      }),
    );
  });

  test('nobody gives way while somebody before them in the order stays who would do instead', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ bookings, capacity, order }) => {
        const chosen = chooseDisplaced(bookings, excessOver(bookings, capacity), { order, slots, at });
        if (!chosen.ok) return;
        const out = chosen.displaced.map(({ booking }) => booking);
        const staying = bookings
          .filter(({ state, isProtected }) => !isProtected && (state === 'held' || state === 'confirmed'))
          .filter((booking) => !out.includes(booking));
        const swaps = out.flatMap((booking) =>
          staying
            .filter((other) => compareKeys(keyOf(other, order), keyOf(booking, order)) < 0)
            .map((other) => bookings.filter((each) => each === booking || (each !== other && !out.includes(each)))),
        );
        expect(swaps.filter((kept) => excessOver(kept, capacity).size === 0)).toEqual([]);
      }),
    );
  });

  test('nobody who is protected or has come is among them', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ bookings, capacity, order }) => {
        const chosen = chooseDisplaced(bookings, excessOver(bookings, capacity), { order, slots, at });
        if (!chosen.ok) return;
        for (const { booking } of chosen.displaced) {
          expect([booking.isProtected, booking.state]).toEqual([false, expect.stringMatching(/^(held|confirmed)$/)]);
        }
      }),
    );
  });
});
