import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { presenceOf, type Movement } from './presence.ts';

const movements = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 1_000 }),
    kind: fc.constantFrom('entry' as const, 'exit' as const),
    // Few instants, so that some movements share one.
    at: fc.integer({ min: 0, max: 30 }),
  }),
  { selector: ({ id }) => id, maxLength: 20 },
);

/** The rule as domain experts say it: walk through the movements in order, and the last one tells. */
function walked(list: readonly Movement[]) {
  const order = { entry: 0, exit: 1 };
  const sorted = list.toSorted((a, b) => a.at - b.at || order[a.kind] - order[b.kind] || Number(a.id) - Number(b.id));
  let isInside = false;
  let enteredAt: number | null = null;
  let lastInAt: number | null = null;
  let leftAt: number | null = null;
  for (const { kind, at } of sorted) {
    isInside = kind === 'entry';
    if (isInside) {
      enteredAt ??= at;
      lastInAt = at;
      leftAt = null;
    } else {
      leftAt = at;
    }
  }
  return sorted.length === 0 ? null : { enteredAt, lastInAt, leftAt, isInside };
}

test('who is in is what a walk through the movements in order of time comes to', () => {
  fc.assert(
    fc.property(movements, (list) => {
      expect(presenceOf(list)).toEqual(walked(list));
    }),
  );
});

test('neither the order of the movements nor one that is told twice changes who is in', () => {
  const disturbed = movements.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc
        .array(fc.nat({ max: Math.max(0, list.length - 1) }), { maxLength: 10 })
        .map((again) => [...list, ...again.flatMap((index) => list[index] ?? [])])
        .chain((told) => fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length })),
    ),
  );
  fc.assert(
    fc.property(disturbed, ([clean, told]) => {
      expect(presenceOf(told)).toEqual(presenceOf(clean));
    }),
  );
});

test('a car of which only an exit is known has left', () => {
  expect(presenceOf([{ id: 1, kind: 'exit', at: 50 }])).toEqual({
    enteredAt: null,
    lastInAt: null,
    leftAt: 50,
    isInside: false,
  });
});

test('nothing is known of a car that no gate has seen', () => {
  expect(presenceOf([])).toBeNull();
});
