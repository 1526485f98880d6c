import { describe, expect, test } from 'vitest';
import { sinceWhen, standingOf } from './no-show-rules.ts';

const terms = { countedDays: 30, blockAt: 3, blockDays: 7 };
const day = (count: number) => count * 86_400_000;

describe('three no-shows in thirty days', () => {
  test('block for seven days from the last of them on, to the instant', () => {
    const missed = [day(1), day(10), day(20)];
    expect(standingOf(missed, terms, day(20) - 1)).toEqual({ count: 2, blockedUntil: null });
    expect(standingOf(missed, terms, day(20))).toEqual({ count: 3, blockedUntil: day(27) });
    expect(standingOf(missed, terms, day(27) - 1).blockedUntil).toBe(day(27));
    expect(standingOf(missed, terms, day(27)).blockedUntil).toBeNull();
  });

  test('are no three when the first is thirty days old', () => {
    expect(standingOf([day(1), day(10), day(31)], terms, day(31))).toEqual({ count: 2, blockedUntil: null });
    expect(standingOf([day(1) + 1, day(10), day(31)], terms, day(31)).blockedUntil).toBe(day(38));
  });

  test('a fourth within the seven days blocks anew', () => {
    expect(standingOf([day(1), day(2), day(3), day(9)], terms, day(9)).blockedUntil).toBe(day(16));
  });

  test('older ones do not have to be known', () => {
    const now = day(100);
    const missed = [...Array(40).keys()].map((index) => day(60 + index));
    const since = sinceWhen(terms, now);
    expect(
      standingOf(
        missed.filter((at) => at > since),
        terms,
        now,
      ),
    ).toEqual(standingOf(missed, terms, now));
  });
});
