import { describe, expect, test } from 'vitest';
import type { Ride, Run } from '$lib/rides.ts';
import { dateFrom, rideAfter, wayFrom } from './choice.ts';

const name = { zh: '站', en: 'Stop' };
const runs = [
  { facts: { direction: 'inbound', stops: ['metro', 'mid', 'park'].map((stopId) => ({ stopId, name })) } },
] as Run[];
const aRide = (departsAt: string, state: Ride['state']): Ride =>
  ({ departsAt, date: departsAt.slice(0, 10), state, runId: departsAt }) as Ride;

describe('the way', () => {
  test('runs into the park in the morning and out of it later', () => {
    expect(wayFrom(new URLSearchParams(), runs, '08:00')).toMatchObject({ boardStopId: 'metro', alightStopId: 'park' });
    expect(wayFrom(new URLSearchParams(), runs, '17:00')).toMatchObject({ boardStopId: 'park', alightStopId: 'metro' });
  });
  test('takes its direction from the two stops', () => {
    expect(wayFrom(new URLSearchParams('from=park&to=mid'), runs, '08:00').direction).toBe('outbound');
  });
  test('falls back when a stop is unknown or both are the same', () => {
    expect(wayFrom(new URLSearchParams('from=mid&to=mid'), runs, '08:00').boardStopId).toBe('metro');
    expect(wayFrom(new URLSearchParams('from=mid&to=nowhere'), runs, '08:00').boardStopId).toBe('metro');
  });
});

test('the date is the first with a seat unless one that is shown is asked for', () => {
  const rides = [aRide('2026-11-24T08:00:00+08:00', 'full'), aRide('2026-11-25T08:00:00+08:00', 'open')];
  const dates = ['2026-11-24', '2026-11-25'];
  expect(dateFrom(null, dates, rides)).toBe('2026-11-25');
  expect(dateFrom('2026-11-24', dates, rides)).toBe('2026-11-24');
  expect(dateFrom('2031-01-01', dates, rides)).toBe('2026-11-25');
});

test('after a full ride comes the next with a seat, the same day before another', () => {
  const missed = aRide('2026-11-24T08:00:00+08:00', 'full');
  const later = aRide('2026-11-24T09:00:00+08:00', 'open');
  const rides = [missed, aRide('2026-11-24T08:30:00+08:00', 'full'), later, aRide('2026-11-25T08:00:00+08:00', 'open')];
  expect(rideAfter(rides, missed)).toBe(later);
  expect(rideAfter(rides, rides[3] ?? missed)).toBeNull();
});
