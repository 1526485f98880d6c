import { describe, expect, test } from 'vitest';
import { levelOf, presentAmong, surface, swell, water } from './tide.ts';

/** Every y of the path's points and handles. */
const heights = (path: string): number[] =>
  [...path.matchAll(/[MC]([^A-Z]+)/g)].flatMap(([, numbers]) =>
    (numbers ?? '')
      .trim()
      .split(/\s+/)
      .map(Number)
      .filter((_, index) => index % 2 === 1),
  );

describe('the level of a point', () => {
  test('is the share that is still free', () => {
    expect(levelOf({ remaining: 11, capacity: 22, state: 'open' })).toBe(0.5);
  });
  test('is nothing once the point is closed, whatever was left', () => {
    expect(levelOf({ remaining: 11, capacity: 22, state: 'closed' })).toBe(0);
  });
  test('is nothing where there is no capacity', () => {
    expect(levelOf({ remaining: 0, capacity: 0, state: 'open' })).toBe(0);
  });
});

describe('the surface', () => {
  test('never leaves the heights of the levels that it joins', () => {
    expect(Math.min(...heights(surface([0.2, 1, 0.4])))).toBe(0);
    expect(Math.max(...heights(surface([0.2, 1, 0.4])))).toBeCloseTo(97 - 0.2 * 97, 1);
  });
  test('spans every column', () => {
    expect(surface([0.5, 0.5, 0.5])).toMatch(/H300$/);
    expect(water([0.5])).toBe('M0 48.5 H50 H100 V100 H0 Z');
  });
});

test('the swell is as wide as the water and never above its surface', () => {
  expect(swell([0.5, 0.5])).toContain('H200 V100');
  expect(Math.min(...heights(swell([0.5, 0.5])))).toBeGreaterThan(48.5);
});

describe('the present on a strip', () => {
  test('stands half-way between two columns at half time', () => {
    expect(presentAmong([0, 100, 200], 50)).toBe(1);
  });
  test('stands in the middle of the column that starts now', () => {
    expect(presentAmong([0, 100, 200], 100)).toBe(1.5);
  });
  test('stands at the edges before the first and after the last', () => {
    expect(presentAmong([10, 20], 5)).toBe(0);
    expect(presentAmong([10, 20], 30)).toBe(2);
  });
});
