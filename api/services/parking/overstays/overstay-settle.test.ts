import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { overstaysOf } from './overstay-rules.ts';
import { settle, visitsOf, type KnownOverstay, type Movement } from './overstay-settle.ts';
import { agreementFacts } from '../rules.ts';
import { resources } from '../../../../db/seed/caohejing.ts';

const minute = 60_000;
const terms = agreementFacts.parse(resources().find(({ id }) => id === 'guangqi-night')!.facts).overstay;
const runs = [
  { startsAt: 0, endsAt: 100 * minute },
  { startsAt: 200 * minute, endsAt: 300 * minute },
  { startsAt: 400 * minute, endsAt: 500 * minute },
];
const entry = (at: number): Movement => ({ kind: 'entry', at: at * minute });
const exit = (at: number): Movement => ({ kind: 'exit', at: at * minute });
const visits = (...seen: Movement[]) =>
  visitsOf(seen).map(({ enteredAt, leftAt }) => [enteredAt / minute, leftAt === null ? null : leftAt / minute]);

test('a visit is an entry and the exit after it, in whatever order they became known', () => {
  expect(visits(exit(50), entry(60), entry(10), exit(90))).toEqual([
    [10, 50],
    [60, 90],
  ]);
  expect(visits(entry(10))).toEqual([[10, null]]);
  expect(visits(exit(50))).toEqual([]);
});

test('nothing is held against anybody where an exit was not seen, and of two exits the first counts', () => {
  expect(visits(entry(10), entry(60), exit(90))).toEqual([[60, 90]]);
  expect(visits(entry(10), exit(50), exit(70))).toEqual([[10, 50]]);
});

/** Sweeps once with what is known at that time, as the service does; its rows afterwards. */
function swept(known: readonly KnownOverstay[], seen: readonly Movement[], now: number): KnownOverstay[] {
  const knownFrom = seen.length === 0 ? null : Math.min(...seen.map(({ at }) => at));
  const { opened, corrected } = settle({ runs, visits: visitsOf(seen), knownFrom, terms }, known, now);
  const after = known.map((row) => ({ ...row, ...corrected.find(({ id }) => id === row.id) }));
  return [...after, ...opened.map((row) => ({ ...row, id: `row-${row.leaveBy}`, isVoid: false, terms }))];
}

const standing = (rows: readonly KnownOverstay[]) =>
  rows
    .filter(({ isVoid }) => !isVoid)
    .map(({ leaveBy, endedAt }) => ({ leaveBy: leaveBy / minute, endedAt: endedAt === null ? null : endedAt / minute }))
    .toSorted((a, b) => a.leaveBy - b.leaveBy);

test('whatever the order in which movements become known, and whenever one looks, the same overstays stand in the end', () => {
  const movements = fc
    .uniqueArray(fc.nat(600), { minLength: 1, maxLength: 8 })
    .map((marks) => marks.toSorted((a, b) => a - b).map((mark, index) => (index % 2 === 0 ? entry(mark) : exit(mark))));
  const told = movements.chain((seen) =>
    fc.tuple(fc.constant(seen), fc.array(fc.nat(300), { minLength: seen.length, maxLength: seen.length })),
  );
  fc.assert(
    fc.property(told, ([seen, delays]) => {
      const arrivals = seen.map((movement, index) => ({ movement, at: movement.at + delays[index]! * minute }));
      let rows: KnownOverstay[] = [];
      for (let now = 0; now <= 1_000 * minute; now += 7 * minute)
        rows = swept(
          rows,
          arrivals.filter(({ at }) => at <= now).map(({ movement }) => movement),
          now,
        );
      const end = 1_001 * minute;
      rows = swept(rows, seen, end);
      const expected = overstaysOf(runs, visitsOf(seen), terms.graceMinutes, end).map(({ leaveBy, until, isOver }) => ({
        leaveBy: leaveBy / minute,
        endedAt: isOver ? until / minute : null,
      }));
      expect(standing(rows)).toEqual(expected);
      expect(new Set(rows.map(({ leaveBy }) => leaveBy)).size).toBe(rows.length);
      expect(swept(rows, seen, end)).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});

test('a late word of an exit in time voids, one of a later exit corrects', () => {
  const open = swept([], [entry(10)], 116 * minute);
  expect(standing(open)).toEqual([{ leaveBy: 100, endedAt: null }]);
  expect(standing(swept(open, [entry(10), exit(99)], 120 * minute))).toEqual([]);
  const ended = swept(open, [entry(10), exit(150)], 160 * minute);
  expect(ended[0]).toMatchObject({ endedAt: 150 * minute, minutesLate: 50, chargeFen: 1_000 });
  expect(swept(ended, [entry(10), exit(190), exit(150)], 200 * minute)).toEqual(ended);
});

test('who has come again is not late any more, even if nobody saw them leave', () => {
  const open = swept([], [entry(10)], 116 * minute);
  expect(standing(swept(open, [entry(10), entry(205)], 206 * minute))).toEqual([]);
  // Also when what came before is forgotten.
  expect(standing(swept(open, [entry(205)], 206 * minute))).toEqual([]);
});

test('what was counted stays when the movements behind it are forgotten', () => {
  const ended = swept([], [entry(10), exit(150)], 160 * minute);
  expect(swept(ended, [], 9_000 * minute)).toEqual(ended);
  expect(swept(ended, [entry(405), exit(410)], 9_000 * minute)).toEqual(ended);
});

test('a car is looked at again while it is inside, and at its moments to the instant', () => {
  const dueAt = (seen: Movement[], now: number) =>
    settle({ runs, visits: visitsOf(seen), knownFrom: 0, terms }, [], now * minute).dueAt;
  expect(dueAt([entry(10)], 11)).toBe(21 * minute);
  expect(dueAt([entry(10)], 65)).toBe(70 * minute);
  expect(dueAt([entry(10)], 114)).toBe(115 * minute + 1);
  expect(dueAt([entry(10), exit(90)], 114)).toBeNull();
  expect(dueAt([entry(410)], 500 + 8 * 1_440)).toBeNull();
});
