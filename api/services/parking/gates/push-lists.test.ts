import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { waitAfter } from './push-lists.ts';

test('each failure doubles the wait, up to an hour, and chance spreads those that failed together', () => {
  expect([1, 2, 3, 4].map((attempts) => waitAfter(attempts, 1))).toEqual([10_000, 20_000, 40_000, 80_000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
      const wait = waitAfter(attempts, chance);
      expect(wait).toBeGreaterThanOrEqual(5_000);
      expect(wait).toBeLessThanOrEqual(3_600_000);
    }),
  );
});
