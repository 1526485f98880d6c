import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestFill, fits, mostSeatLegs, without, type Ride } from './best-fill.ts';
import { chooseRiders } from './choose-riders.ts';

const seatLegs = (rides: readonly Ride[]) => rides.reduce((sum, { from, to, seats }) => sum + (to - from) * seats, 0);
const whatIsLeft = (free: readonly number[], rides: readonly Ride[]) => rides.reduce<number[]>(without, [...free]);

/** Every choice there is, tried. */
function bestOfAll(free: readonly number[], rides: readonly Ride[]): number {
  const [ride, ...rest] = rides;
  if (!ride) return 0;
  const skipped = bestOfAll(free, rest);
  return fits(free, ride) ? Math.max(skipped, seatLegs([ride]) + bestOfAll(without(free, ride), rest)) : skipped;
}

const legs = 4;
const aRide = (seats: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.nat(legs - 1), fc.integer({ min: 1, max: legs }), seats)
    .filter(([from, to]) => from < to)
    .map(([from, to, count]): Ride => ({ from, to, seats: count }));
const someFree = fc.array(fc.nat(5), { minLength: legs, maxLength: legs });
const parties = fc.array(aRide(fc.integer({ min: 1, max: 4 })), { maxLength: 10 });
const singles = fc.array(aRide(fc.constant(1)), { maxLength: 10 });

describe('the best fill', () => {
  test('fills as much as the best of all choices, in parties too', () => {
    fc.assert(
      fc.property(someFree, parties, (free, rides) => {
        const chosen = bestFill(free, rides).flatMap((index) => rides[index] ?? []);
        expect(Math.min(...whatIsLeft(free, chosen))).toBeGreaterThanOrEqual(0);
        expect(seatLegs(chosen)).toBe(bestOfAll(free, rides));
      }),
      { seed: 8815, numRuns: 300 },
    );
  });

  test('the bound is exact for riders who come alone, and is never below what parties can fill', () => {
    fc.assert(
      fc.property(someFree, singles, parties, (free, alone, together) => {
        expect(mostSeatLegs(free, alone)).toBe(bestOfAll(free, alone));
        expect(mostSeatLegs(free, together)).toBeGreaterThanOrEqual(bestOfAll(free, together));
      }),
      { seed: 8815, numRuns: 300 },
    );
  });

  test('among equals takes those who come first', () => {
    const ride = { from: 0, to: 2, seats: 1 };
    expect(bestFill([1, 1], [ride, ride, { from: 0, to: 1, seats: 1 }])).toEqual([0]);
  });

  test('is found for as many as a release looks at', () => {
    const rides = Array.from({ length: 120 }, (_, index) => ({
      from: index % 5,
      to: 1 + (index % 5) + (index % (6 - (index % 5))),
      seats: 1 + (index % 3),
    })).filter(({ from, to }) => to > from && to <= 6);
    const free = [5, 4, 6, 3, 5, 4];
    const chosen = bestFill(free, rides).flatMap((index) => rides[index] ?? []);
    expect(seatLegs(chosen)).toBe(mostSeatLegs(free, rides));
  });
});

describe('who gets on', () => {
  const isHere = (leg: number) => leg === 0;

  test('the first in line who fits always, even where others would fill more', () => {
    const first = { from: 0, to: 1, seats: 1 };
    expect(
      chooseRiders([1, 1, 1, 1], [{ from: 0, to: 4, seats: 2 }, first, { from: 0, to: 4, seats: 1 }], isHere),
    ).toEqual([first]);
  });

  test('nobody who boards later: they are planned for, and keep their seats', () => {
    const [first, through, later] = [
      { from: 0, to: 1, seats: 1 },
      { from: 0, to: 3, seats: 1 },
      { from: 1, to: 4, seats: 1 },
    ];
    expect(chooseRiders([2, 1, 1, 1], [first, through, later], isHere)).toEqual([first]);
    expect(chooseRiders([2, 2, 2, 1], [first, through, later], isHere)).toEqual([first, through]);
  });

  test('at all stops, one after the other, no seat is left that somebody who was passed over fits into', () => {
    fc.assert(
      fc.property(someFree, parties, (free, rides) => {
        let left: readonly number[] = free;
        const on: Ride[] = [];
        for (let stop = 0; stop < legs; stop++) {
          const waiting = rides.filter((ride) => ride.from >= stop && !on.includes(ride));
          const chosen = chooseRiders(left, waiting, (leg) => leg === stop);
          expect(chosen.every(({ from }) => from === stop)).toBe(true);
          left = whatIsLeft(left, chosen);
          on.push(...chosen);
        }
        expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
        expect(rides.filter((ride) => !on.includes(ride) && fits(left, ride))).toEqual([]);
      }),
      { seed: 8815, numRuns: 500 },
    );
  });
});
