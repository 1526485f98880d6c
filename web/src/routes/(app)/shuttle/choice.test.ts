import { describe, expect, test } from 'vitest';
import type { Ride } from '$lib/rides.ts';
import { nextServiceDay, rideAfter, wayFrom } from './choice.ts';

const stops = ['metro', 'mid', 'park'].map((stopId) => ({ stopId, name: { zh: '站', en: 'Stop' } }));
const aRide = (departsAt: string, state: Ride['state']): Ride =>
  ({ departsAt, date: departsAt.slice(0, 10), state, runId: departsAt }) as Ride;
const way = (query: string, time = '08:00', remembered?: string) =>
  wayFrom(new URLSearchParams(query), stops, time, remembered);

describe('the way', () => {
  test('runs into the park in the morning and out of it later', () => {
    expect(way('')).toMatchObject({ boardStopId: 'metro', alightStopId: 'park' });
    expect(way('', '17:00')).toMatchObject({ boardStopId: 'park', alightStopId: 'metro' });
  });
  test('takes its direction from the two stops', () => {
    expect(way('from=park&to=mid').direction).toBe('outbound');
  });
  test('is between the stops of last time, whichever way the tide runs now', () => {
    expect(way('', '08:00', 'park,mid')).toMatchObject({ boardStopId: 'mid', alightStopId: 'park' });
    expect(way('', '17:00', 'mid,park')).toMatchObject({ boardStopId: 'park', alightStopId: 'mid' });
    expect(way('from=metro&to=mid', '17:00', 'mid,park')).toMatchObject({ boardStopId: 'metro', alightStopId: 'mid' });
  });
  test('falls back when a stop is unknown or both are the same', () => {
    for (const query of ['from=mid&to=mid', 'from=mid&to=nowhere'])
      expect(way(query, '08:00', 'moon,park').boardStopId).toBe('metro');
  });
});

test('the next service day is the first working day after a date', () => {
  const days = [
    ...[{ date: '2026-11-27', kind: 'workday' } as const, { date: '2026-11-28', kind: 'off' } as const],
    ...[{ date: '2026-11-30', kind: 'workday' } as const],
  ];
  expect(nextServiceDay(days, '2026-11-27')).toBe('2026-11-30');
  expect(nextServiceDay(days, '2026-11-30')).toBeNull();
});

test('after a full ride comes the next with a seat, the same day before another', () => {
  const missed = aRide('2026-11-24T08:00:00+08:00', 'full');
  const later = aRide('2026-11-24T09:00:00+08:00', 'open');
  const rides = [missed, aRide('2026-11-24T08:30:00+08:00', 'full'), later, aRide('2026-11-25T08:00:00+08:00', 'open')];
  expect(rideAfter(rides, missed)).toBe(later);
  expect(rideAfter(rides, rides[3] ?? missed)).toBeNull();
});
