import { describe, expect, test } from 'vitest';
import type { Slot } from './api.ts';
import { ridesOn, turnedOn, wholeRides, type RunDay } from './rides.ts';

const name = { zh: '站', en: 'Stop' };
const date = '2026-11-24';
const at = (minutes: number) => `${date}T08:${String(minutes).padStart(2, '0')}:00+08:00`;

/** A run over stops a, b, c, d, ten minutes apart from 08:00 on; each stop closes five minutes before. */
function aDay(remaining: number[], change: Partial<RunDay> = {}, stopIds = ['a', 'b', 'c', 'd']): RunDay {
  const stops = stopIds.map((stopId, index) => ({
    ...{ stopId, name, lat: 0, lng: 0, at: at(index * 10) },
    ...(index === stopIds.length - 1
      ? { opensAt: null, closesAt: null, cancellableUntil: null }
      : {
          opensAt: '2026-11-17T00:00:00+08:00',
          closesAt: new Date(Date.parse(at(index * 10)) - 300_000).toISOString(),
          cancellableUntil: at(0),
        }),
  }));
  return {
    ...{ runId: 'run-1', run: 1, lineId: 'tidal', title: name, serviceDate: date, state: 'running' },
    ...{ direction: 'inbound', departsAt: at(0), arrivesAt: at(30), priceFen: 0, currency: 'CNY', provisional: false },
    stops,
    legs: remaining.map((left, index) => ({
      ...{ slotId: String(index), fromStopId: stopIds[index] ?? '', toStopId: stopIds[index + 1] ?? '' },
      ...{ capacity: 22, remaining: left, closed: false, wheelchairCapacity: 1, wheelchairRemaining: 1 },
    })),
    change: null,
    ...change,
  };
}

const early = '2026-11-24T07:00:00+08:00';
const only = (day: RunDay, from = 'a', to = 'd', now = early) => ridesOn([day], from, to, now)[0];

describe('a ride', () => {
  test('has the seats that are free on every leg of its way, and shows each leg', () => {
    const ride = only(aDay([20, 3, 9]));
    expect(ride).toMatchObject({ remaining: 3, state: 'open', departsAt: at(0), arrivesAt: at(30) });
    expect(ride?.legs.map(({ remaining }) => remaining)).toEqual([20, 3, 9]);
  });
  test('is not filled by a leg that it does not use', () => {
    expect(only(aDay([0, 5, 9]), 'b')).toMatchObject({ remaining: 5, state: 'open', departsAt: at(10) });
  });
  test('is full when one leg of its way is', () => {
    expect(only(aDay([20, 0, 9]))?.state).toBe('full');
  });
  test('closes at the cut-off of the stop where one boards', () => {
    expect(only(aDay([20, 9, 9]), 'a', 'd', at(0))?.state).toBe('closed');
    expect(only(aDay([20, 9, 9]), 'c', 'd', at(0))?.state).toBe('open');
  });
  test('is closed when a leg of its way is, or the run is cancelled, and not open before its time', () => {
    const day = aDay([20, 9, 9]);
    day.legs[2]!.closed = true;
    expect([only(day)?.state, only(day, 'a', 'c')?.state]).toEqual(['closed', 'open']);
    expect(only(aDay([20, 9, 9], { state: 'cancelled' }))).toMatchObject({ state: 'closed', isCancelled: true });
    expect(only(aDay([20, 9, 9]), 'a', 'd', '2026-11-16T23:59:00+08:00')?.state).toBe('upcoming');
  });
  test('goes the way that the run goes on that date', () => {
    expect(only(aDay([20, 9, 9]), 'd', 'a')).toBeUndefined();
    expect(only(aDay([20, 9, 9], {}, ['d', 'c', 'b', 'a']), 'd', 'a')?.remaining).toBe(9);
  });
  test('has a wheelchair place when it is free all the way', () => {
    const day = aDay([20, 9, 9]);
    expect(only(day)?.wheelchair).toBe('free');
    day.legs[1]!.wheelchairRemaining = 0;
    expect([only(day)?.wheelchair, only(day, 'c')?.wheelchair]).toEqual(['taken', 'free']);
    day.legs[1]!.wheelchairCapacity = 0;
    expect(only(day)?.wheelchair).toBe('none');
  });
});

test('a run that was turned round is told of to those whose way it went, and to nobody else', () => {
  const change = {
    kind: 'flipped',
    reason: '施工',
    at: early,
    departsBefore: '08:00',
    directionBefore: 'inbound',
  } as const;
  const turned = aDay([9, 9, 9], { direction: 'outbound', change }, ['d', 'c', 'b', 'a']);
  expect(turnedOn([turned], 'a', 'd')).toEqual([{ runId: 'run-1', departsBefore: '08:00', reason: '施工' }]);
  expect(turnedOn([turned], 'd', 'a')).toEqual([]);
  expect(turnedOn([aDay([9, 9, 9])], 'd', 'a')).toEqual([]);
});

test('whole rides are in the order of departure, by their legs of the date', () => {
  const leg = (resourceId: string, minutes: number, fromStopId: string, toStopId: string, remaining: number) =>
    ({
      ...{ resourceId, serviceDate: date, fromStopId, toStopId, remaining, capacity: 22, state: 'open' },
      ...{ startsAt: at(minutes), endsAt: at(minutes + 10) },
    }) as Slot;
  const legs = [leg('late', 30, 'b', 'a', 3), leg('early', 10, 'b', 'c', 5), leg('early', 0, 'a', 'b', 7)];
  expect(wholeRides(legs)).toMatchObject([
    { runId: 'early', boardStopId: 'a', alightStopId: 'c', remaining: 5, departsAt: at(0), arrivesAt: at(20) },
    { runId: 'late', boardStopId: 'b', alightStopId: 'a', remaining: 3 },
  ]);
});
