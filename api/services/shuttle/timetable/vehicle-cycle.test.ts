import { expect, test } from 'vitest';
import { departureWithoutBus } from './vehicle-cycle.ts';

const minutes = (...times: number[]) => times.map((time) => time * 60_000);

test('one bus departs again when its cycle is over, not a minute sooner', () => {
  expect(departureWithoutBus(minutes(0, 25, 50), { buses: 1, cycleMinutes: 25 })).toBeNull();
  expect(departureWithoutBus(minutes(49, 0, 25), { buses: 1, cycleMinutes: 25 })).toBe(49 * 60_000);
});

test('two buses take turns: a third departure waits for the first of them', () => {
  expect(departureWithoutBus(minutes(0, 5, 25, 30), { buses: 2, cycleMinutes: 25 })).toBeNull();
  expect(departureWithoutBus(minutes(0, 5, 24), { buses: 2, cycleMinutes: 25 })).toBe(24 * 60_000);
});

test('no departure needs no bus', () => {
  expect(departureWithoutBus([], { buses: 1, cycleMinutes: 25 })).toBeNull();
});
