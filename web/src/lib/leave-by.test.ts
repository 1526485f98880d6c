import { expect, test } from 'vitest';
import { leaveByNow } from './leave-by.ts';

const line = (startsAt: string, endsAt: string) => ({
  slotId: startsAt,
  resourceId: 'guangqi-night',
  units: 1,
  startsAt: `2026-11-${startsAt}:00+08:00`,
  endsAt: `2026-11-${endsAt}:00+08:00`,
  serviceDate: '2026-11-27',
});
const at = (text: string) => `2026-11-${text}:00+08:00`;

test('a car leaves by the end of the joined nights that it is in, not of those of another week', () => {
  const lines = [
    line('30T18:30', '30T23:00'),
    line('27T18:30', '28T08:00'),
    line('28T08:00', '29T08:00'),
    line('29T08:00', '30T08:00'),
  ];
  expect(leaveByNow(lines, at('27T20:00'))).toBe(at('30T08:00'));
  expect(leaveByNow(lines, at('30T07:59'))).toBe(at('30T08:00'));
  expect(leaveByNow(lines, at('30T08:00'))).toBeNull();
  expect(leaveByNow(lines, at('30T19:00'))).toBe(at('30T23:00'));
  expect(leaveByNow(lines, at('26T19:00'))).toBeNull();
});
