import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLimiter } from './limits.ts';

test('nobody gets more than the limit in any minute of theirs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(30_000), { maxLength: 60 }), (limit, gaps) => {
      const limiter = createLimiter(limit);
      let now = 0;
      let windowStart = -Infinity;
      let used = 0;
      for (const gap of gaps) {
        now += gap;
        if (now - windowStart >= 60_000) [windowStart, used] = [now, 0];
        used++;
        const { allowed, remaining, resetSeconds } = limiter.take('caller', now);
        expect(allowed).toBe(used <= limit);
        expect(remaining).toBe(Math.max(0, limit - used));
        expect(resetSeconds).toBe(Math.ceil((windowStart + 60_000 - now) / 1000));
      }
    }),
  );
});

test('a clock that is moved back locks nobody out', () => {
  const limiter = createLimiter(1);
  limiter.take('caller', 10_000_000);
  expect(limiter.take('caller', 1_000_000).allowed).toBe(true);
});

test('what is remembered is bounded: past a hundred thousand callers the oldest are forgotten', () => {
  const limiter = createLimiter(1);
  for (let caller = 0; caller <= 100_000; caller++) limiter.take(`caller ${caller}`, 0);
  expect(limiter.take('caller 2', 0).allowed).toBe(false);
  expect(limiter.take('caller 0', 0).allowed).toBe(true);
});
