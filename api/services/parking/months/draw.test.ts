import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitmentOf, draw, newSeed } from './draw.ts';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const entries = fc.uniqueArray(fc.uuid(), { maxLength: 60 });

test('a draw does not depend on the order in which the entries are told', () => {
  fc.assert(
    fc.property(seeds, entries, fc.infiniteStream(fc.nat()), (seed, ids, dice) => {
      const shuffled = ids.map((id) => ({ id, at: dice.next().value })).toSorted((a, b) => Number(a.at) - Number(b.at));
      expect(
        draw(
          seed,
          shuffled.map(({ id }) => id),
        ),
      ).toEqual(draw(seed, ids));
    }),
  );
});

test('every entry has exactly one place, from 1 without a gap, in the order of the numbers', () => {
  fc.assert(
    fc.property(seeds, entries, (seed, ids) => {
      const drawn = draw(seed, ids);
      expect(drawn.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(drawn.map(({ place }) => place)).toEqual(ids.map((_, index) => index + 1));
      expect(drawn.map(({ number }) => number)).toEqual(drawn.map(({ number }) => number).toSorted());
    }),
  );
});

test('whoever withdraws changes nobody else’s order', () => {
  fc.assert(
    fc.property(seeds, fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 40 }), (seed, ids) => {
      const others = ids.slice(1);
      const order = draw(seed, ids).flatMap(({ id }) => (others.includes(id) ? [id] : []));
      expect(draw(seed, others).map(({ id }) => id)).toEqual(order);
    }),
  );
});

test('the commitment is the SHA-256 of the seed’s digits, and no two seeds are alike', () => {
  const seed = newSeed();
  expect(seed).toMatch(/^[0-9a-f]{64}$/);
  expect(commitmentOf(seed)).toBe(createHash('sha256').update(seed).digest('hex'));
  expect(newSeed()).not.toBe(seed);
});
