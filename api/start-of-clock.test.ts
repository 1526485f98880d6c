import { describe, expect, test } from 'vitest';
import { clockFrom } from './clock.ts';
import { BadConfiguration } from './config.ts';
import { startOfClock } from './start-of-clock.ts';

describe('DEMO_NOW', () => {
  test.each([
    ['2026-09-30', '2026-09-30T01:00:00Z'],
    ['2026-09-30T17:00', '2026-09-30T09:00:00Z'],
    ['2026-09-30T17:00:45', '2026-09-30T09:00:45Z'],
    ['2026-09-30T17:00:30+08:00', '2026-09-30T09:00:30Z'],
    ['2026-09-30T17:00+08:00', '2026-09-30T09:00:00Z'],
    ['2026-09-30T17:00Z', '2026-09-30T17:00:00Z'],
    ['2026-09-30T17:00:00-05:00', '2026-09-30T22:00:00Z'],
  ])('%s is %s', (demoNow, instant) => {
    expect(startOfClock({ demoNow })).toBe(Date.parse(instant));
  });

  test('is not set: the machine’s own time', () => expect(startOfClock({ demoNow: null })).toBeNull());

  test.each([
    '2026-02-30',
    '2026-13-01',
    '2026-09-30T25:00',
    '2026-09-30T17:60',
    '2026-09-30T17:00:61',
    '2026-02-30T10:00:00Z',
  ])('%s does not exist, which stops the start with one line', (demoNow) => {
    expect(() => startOfClock({ demoNow })).toThrow(BadConfiguration);
    expect(() => startOfClock({ demoNow })).toThrow(/^DEMO_NOW [^\n]+$/);
  });
});

test('a clock starts where it is told and runs on from there', () => {
  let machine = 5_000;
  const clock = clockFrom(1_000_000, () => machine);
  machine += 250;
  expect(clock.now()).toBe(1_000_250);
  expect(clockFrom(null, () => machine).now()).toBe(5_250);
});
