import { describe, expect, test } from 'vitest';
import type { Slot, SlotState } from './api.ts';
import { ridesBetween, wholeRides, type Run } from './rides.ts';

const name = { zh: '站', en: 'Stop' };

/** A run over stops a, b, c, d, ten minutes apart. */
function aRun(id: string, departs: string, stopIds = ['a', 'b', 'c', 'd']): Run {
  const stops = stopIds.map((stopId) => ({ stopId, name, lat: 0, lng: 0, time: departs }));
  const facts = { run: 1, lineId: 'tidal', direction: 'inbound' as const, departs, stops };
  return { id, kind: 'shuttle', siteId: 'x', name, place: null, rules: [], currency: 'CNY', facts };
}

function legsOf(run: Run, date: string, remaining: number[], states: SlotState[] = []): Slot[] {
  return remaining.map((left, index) => {
    const at = (minutes: number) =>
      `${date}T${run.facts.departs.slice(0, 2)}:${String(minutes).padStart(2, '0')}:00+08:00`;
    const [from, to] = [run.facts.stops[index], run.facts.stops[index + 1]];
    return {
      id: `${run.id}-${date}-${index}`,
      kind: 'shuttle',
      resourceId: run.id,
      startsAt: at(index * 10),
      endsAt: at((index + 1) * 10),
      serviceDate: date,
      capacity: 22,
      remaining: left,
      state: states[index] ?? (left === 0 ? 'full' : 'open'),
      opensAt: at(0),
      closesAt: at(index * 10),
      priceFen: 0,
      currency: 'CNY',
      provisional: false,
      closedReason: null,
      runId: run.id,
      fromStopId: from?.stopId ?? '',
      toStopId: to?.stopId ?? '',
    };
  });
}

const run = aRun('run-1', '08:00');
const date = '2026-11-24';

describe('a ride', () => {
  test('has the seats that are free on every leg of its way', () => {
    const [ride] = ridesBetween([run], legsOf(run, date, [20, 3, 9]), 'a', 'd');
    expect(ride).toMatchObject({ remaining: 3, state: 'open' });
  });
  test('is not filled by a leg that it does not use', () => {
    const [ride] = ridesBetween([run], legsOf(run, date, [0, 5, 9]), 'b', 'd');
    expect(ride).toMatchObject({ remaining: 5, state: 'open', departsAt: '2026-11-24T08:10:00+08:00' });
  });
  test('is full when one leg of its way is', () => {
    const [ride] = ridesBetween([run], legsOf(run, date, [20, 0, 9]), 'a', 'd');
    expect(ride?.state).toBe('full');
  });
  test('is closed when a leg of its way is closed', () => {
    const [ride] = ridesBetween([run], legsOf(run, date, [20, 9, 9], ['open', 'open', 'closed']), 'a', 'd');
    expect(ride?.state).toBe('closed');
  });
  test('closes at the cut-off of the stop where one boards', () => {
    const [ride] = ridesBetween([run], legsOf(run, date, [20, 9, 9]), 'c', 'd');
    expect(ride?.closesAt).toBe('2026-11-24T08:20:00+08:00');
  });
  test('does not go against the direction of the run', () => {
    expect(ridesBetween([run], legsOf(run, date, [20, 9, 9]), 'd', 'a')).toEqual([]);
  });
});

test('whole rides are in the order of departure over all runs', () => {
  const later = aRun('run-2', '09:00');
  const legs = [...legsOf(later, date, [1, 1, 1]), ...legsOf(run, date, [2, 2, 2])];
  expect(wholeRides([later, run], legs).map(({ runId }) => runId)).toEqual(['run-1', 'run-2']);
});
