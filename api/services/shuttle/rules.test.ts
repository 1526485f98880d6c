import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toText } from '../../calendar/time.ts';
import { workingDays } from '../../calendar/working-days.ts';
import { resources } from '../../../db/seed/caohejing.ts';
import type { Resource, Schedule } from '../service.ts';
import { legsBetween, legsOf, rideRules, runOf } from './rules.ts';

const zone = 'Asia/Shanghai';
const runs = resources()
  .filter(({ kind }) => kind === 'shuttle')
  .map((seed): Resource => {
    const schedule: Schedule = {
      id: seed.id,
      validFrom: null,
      validTo: null,
      publishedFrom: null,
      publishedTo: null,
      ...seed.schedule!,
    };
    return { ...seed, schedules: [schedule] };
  });

describe('each of the ten runs', () => {
  test('there are ten, five inbound and five outbound with the metro as first or last stop', () => {
    const ends = runs.map((run) => {
      const { direction, stops } = runOf(run).facts;
      return `${direction} ${stops[0]?.stopId}–${stops.at(-1)?.stopId}`;
    });
    expect(ends).toHaveLength(10);
    expect(ends.filter((end) => end === 'inbound metro-l9–guangqi')).toHaveLength(5);
    expect(ends.filter((end) => end === 'outbound guangqi–metro-l9')).toHaveLength(5);
  });

  test.each(runs.map((run) => [run.id, run] as const))('%s is six legs that follow one another', (_id, run) => {
    const legs = legsOf(run, run.schedules[0]!, { from: '2026-11-24', to: '2026-11-24' }, workingDays([]), zone);
    expect(legs.map(({ part }) => part)).toEqual(['leg-1', 'leg-2', 'leg-3', 'leg-4', 'leg-5', 'leg-6']);
    expect(legs.slice(1).map(({ startsAt }) => startsAt)).toEqual(legs.slice(0, -1).map(({ endsAt }) => endsAt));
    expect(toText(legs[0]!.startsAt, zone)).toBe(`2026-11-24T${runOf(run).times.departs}:00+08:00`);
    expect(legs.at(-1)!.endsAt - legs[0]!.startsAt).toBe(15 * 60_000);
    for (const leg of legs) {
      expect([leg.startsAt - leg.closesAt, leg.startsAt - leg.cancelUntil]).toEqual([5 * 60_000, 30 * 60_000]);
      expect(toText(leg.opensAt, zone)).toBe('2026-11-17T00:00:00+08:00');
      const { startsAt } = leg;
      expect(leg.checkIn).toEqual({ startsAt: startsAt - 600_000, endsAt: startsAt + 120_000, countsNoShows: true });
      expect(leg.remindAt).toBe(startsAt - 30 * 60_000);
    }
  });

  test.each(runs)('$id says until when, in both languages', (run) => {
    for (const { text } of rideRules(run)) {
      for (const words of [text.zh, text.en]) expect(words).toMatch(/\b(5|30|2)\b/);
    }
  });
});

test('the legs of a ride are those between its stops, in the direction of the run only', () => {
  const { facts } = runOf(runs[0]!);
  const position = fc.nat(facts.stops.length - 1);
  fc.assert(
    fc.property(position, position, (from, to) => {
      const legs = legsBetween(facts, facts.stops[from]!.stopId, facts.stops[to]!.stopId);
      expect(legs).toEqual(from < to ? { from, to } : 'wrong-direction');
    }),
  );
  expect(legsBetween(facts, 'moon', 'guangqi')).toBe('stop-not-on-run');
  expect(legsBetween(facts, 'metro-l9', 'moon')).toBe('stop-not-on-run');
});
