import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDisplaced, type Displaceable } from './choose-displaced.ts';

const aBooking = (number: number, units: Record<number, number>, isProtected = false): Displaceable => ({
  id: `booking-${String(number).padStart(2, '0')}`,
  createdAt: number,
  isProtected,
  units: new Map(Object.entries(units).map(([slotId, count]) => [Number(slotId), count])),
});

describe('a cut of capacity', () => {
  test('displaces the latest bookings', () => {
    const bookings = [aBooking(1, { 1: 1 }), aBooking(2, { 1: 1 }), aBooking(3, { 1: 1 })];
    expect(chooseDisplaced(bookings, new Map([[1, 2]])).displaced).toEqual(['booking-02', 'booking-03']);
  });

  test('never displaces accessible needs, and says what it cannot free', () => {
    const bookings = [aBooking(1, { 1: 1 }), aBooking(2, { 1: 2 }, true)];
    const { displaced, uncovered } = chooseDisplaced(bookings, new Map([[1, 2]]));
    expect(displaced).toEqual(['booking-01']);
    expect(uncovered).toEqual(new Map([[1, 1]]));
  });

  test('spares a booking that a larger one made needless', () => {
    const bookings = [aBooking(1, { 1: 3 }), aBooking(2, { 1: 1 })];
    expect(chooseDisplaced(bookings, new Map([[1, 3]])).displaced).toEqual(['booking-01']);
  });

  test('spares those who are on other slots', () => {
    const bookings = [aBooking(1, { 1: 1 }), aBooking(2, { 2: 1 })];
    expect(chooseDisplaced(bookings, new Map([[1, 1]])).displaced).toEqual(['booking-01']);
  });
});

describe('any cut', () => {
  const booking = fc.record({
    units: fc.dictionary(fc.constantFrom('1', '2'), fc.integer({ min: 1, max: 3 }), { minKeys: 1 }),
    isProtected: fc.boolean(),
  });
  const cut = fc.record({
    bookings: fc.array(booking, { maxLength: 8 }),
    excess: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
  });

  test('frees what is needed or displaces everybody it may, and nobody needlessly', () => {
    fc.assert(
      fc.property(cut, ({ bookings: drawn, excess: [first, second] }) => {
        const bookings = drawn.map(({ units, isProtected }, index) => aBooking(index, units, isProtected));
        const excess = new Map([
          [1, first],
          [2, second],
        ]);
        const { displaced, uncovered } = chooseDisplaced(bookings, excess);
        const freed = (slotId: number, ids: readonly string[]): number =>
          bookings.filter(({ id }) => ids.includes(id)).reduce((sum, { units }) => sum + (units.get(slotId) ?? 0), 0);
        for (const [slotId, needed] of excess) {
          expect(freed(slotId, displaced) + (uncovered.get(slotId) ?? 0)).toBeGreaterThanOrEqual(needed);
        }
        if (uncovered.size > 0) {
          const spared = bookings.filter(({ id, isProtected }) => !isProtected && !displaced.includes(id));
          for (const slotId of uncovered.keys()) expect(spared.every(({ units }) => !units.has(slotId))).toBe(true);
        }
        for (const id of displaced) {
          const rest = displaced.filter((other) => other !== id);
          const isNeeded = [...excess].some(
            ([slotId, needed]) =>
              bookings.find((one) => one.id === id)?.units.has(slotId) && freed(slotId, rest) < needed,
          );
          expect(isNeeded).toBe(true);
        }
        expect(bookings.filter(({ id, isProtected }) => isProtected && displaced.includes(id))).toEqual([]);
      }),
    );
  });
});
