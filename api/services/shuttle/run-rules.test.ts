import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toText } from '../../calendar/time.ts';
import { workingDays } from '../../calendar/working-days.ts';
import { resources } from '../../../db/seed/caohejing.ts';
import type { Slot } from '../../engine/types.ts';
import type { Resource, Schedule } from '../service.ts';
import { rideRules } from './rules.ts';
import { directionOf, legsBetween, legsOf, runAround, runOn, titleOf } from './run-rules.ts';

const zone = 'Asia/Shanghai';
const day = '2026-11-24';
const everyDay = { id: 'always', validFrom: null, validTo: null, publishedFrom: null, publishedTo: null };
const runs = resources()
  .filter(({ kind }) => kind === 'shuttle')
  .map((seed): Resource => ({ ...seed, schedules: [{ ...everyDay, ...seed.schedule! }] }));

/** The legs of a run on the day as slots. */
const slotsOf = (run: Resource, schedule = run.schedules[0]!): Slot[] =>
  legsOf(run, schedule, { from: day, to: day }, workingDays([]), zone).map((leg, index) => ({
    ...leg,
    id: index + 1,
    resourceId: run.id,
    kind: 'shuttle',
    taken: 0,
    state: 'active',
    closedReason: null,
    version: 1,
  }));

describe('each of the ten runs', () => {
  test('there are ten, five inbound and five outbound with the metro as first or last stop', () => {
    const ends = runs.map((run) => {
      const { direction, stops } = runAround(run, day);
      return `${direction} ${stops[0]?.stopId}–${stops.at(-1)?.stopId}`;
    });
    expect(ends).toHaveLength(10);
    expect(ends.filter((end) => end === 'inbound metro-l9–guangqi')).toHaveLength(5);
    expect(ends.filter((end) => end === 'outbound guangqi–metro-l9')).toHaveLength(5);
  });

  test.each(runs.map((run) => [run.id, run] as const))('%s is six legs that follow one another', (_id, run) => {
    const legs = legsOf(run, run.schedules[0]!, { from: day, to: day }, workingDays([]), zone);
    expect(legs.map(({ part }) => part)).toEqual(['leg-1', 'leg-2', 'leg-3', 'leg-4', 'leg-5', 'leg-6']);
    expect(legs.slice(1).map(({ startsAt }) => startsAt)).toEqual(legs.slice(0, -1).map(({ endsAt }) => endsAt));
    expect(toText(legs[0]!.startsAt, zone)).toBe(`${day}T${runAround(run, day).times.departs}:00+08:00`);
    expect(legs.at(-1)!.endsAt - legs[0]!.startsAt).toBe(15 * 60_000);
    for (const leg of legs) {
      expect([leg.startsAt - leg.closesAt, leg.startsAt - leg.cancelUntil]).toEqual([5 * 60_000, 30 * 60_000]);
      expect(toText(leg.opensAt, zone)).toBe('2026-11-17T00:00:00+08:00');
      const { startsAt } = leg;
      expect(leg.checkIn).toEqual({ startsAt: startsAt - 600_000, endsAt: startsAt + 120_000, countsNoShows: true });
      expect(leg.remindAt).toBe(startsAt - 30 * 60_000);
      expect(leg.yieldsAt).toBe(startsAt - 2 * 60_000);
    }
  });

  test.each(runs)('$id says until when, in both languages', (run) => {
    for (const { text } of rideRules(runAround(run, day).times)) {
      for (const words of [text.zh, text.en]) expect(words).toMatch(/\b(5|30|2)\b/);
    }
  });
});

test('the legs of a ride are those between its stops, in the direction of the run only', () => {
  const legs = slotsOf(runs[0]!);
  const stops = runAround(runs[0]!, day).stops.map(({ stopId }) => stopId);
  const position = fc.nat(stops.length - 1);
  fc.assert(
    fc.property(position, position, (from, to) => {
      const way = legsBetween(legs, stops[from]!, stops[to]!);
      expect(way).toEqual(from < to ? legs.slice(from, to) : 'wrong-direction');
    }),
  );
  expect(legsBetween(legs, 'moon', 'guangqi')).toBe('stop-not-on-run');
  expect(legsBetween(legs, 'metro-l9', 'moon')).toBe('stop-not-on-run');
});

describe('a run with two versions of its timetable', () => {
  const [seed] = runs;
  const version = (id: string, dates: Pick<Schedule, 'validFrom' | 'validTo'>, rule: object): Schedule => ({
    ...seed!.schedules[0]!,
    ...dates,
    id,
    rule: { ...(seed!.schedules[0]!.rule as object), ...rule },
  });
  const run: Resource = {
    ...seed!,
    schedules: [
      version('later', { validFrom: '2026-12-01', validTo: '2026-12-31' }, { departs: '17:10', direction: 'outbound' }),
      version('first', { validFrom: null, validTo: '2026-11-29' }, {}),
    ],
  };

  test.each([
    ['2026-11-29', '07:45 inbound'],
    ['2026-11-30', null],
    ['2026-12-01', '17:10 outbound'],
    ['2027-01-01', null],
  ])('goes on %s as the version of that date says: %s', (date, goes) => {
    const found = runOn(run, date);
    expect(found && `${found.times.departs} ${found.direction}`).toBe(goes);
  });

  test.each([
    ['2026-11-30', '17:10'],
    ['2027-01-01', '17:10'],
    ['2026-01-01', '07:45'],
  ])('is shown on %s as it goes next, or went last: at %s', (date, departs) => {
    expect(runAround(run, date).times.departs).toBe(departs);
  });

  test('serves the stops the other way round, as far from one another, and is called so', () => {
    const legs = slotsOf(run, run.schedules[0]);
    const facts = legs.map((leg) => leg.facts as { fromStopId: string; toStopId: string });
    expect(facts.map(({ fromStopId }) => fromStopId)).toEqual([
      'guangqi',
      'hongqin',
      'xinhui',
      'zhihui',
      'hq',
      'innovation',
    ]);
    expect(legs.map(({ startsAt }) => toText(startsAt, zone).slice(11, 16))).toEqual([
      '17:10',
      '17:12',
      '17:14',
      '17:17',
      '17:21',
      '17:23',
    ]);
    expect([directionOf(run, legs), directionOf(run, slotsOf(run, run.schedules[1]))]).toEqual(['outbound', 'inbound']);
    expect(titleOf('17:10', 'outbound')).toEqual({ zh: '17:10 班车（园区→地铁）', en: '17:10 shuttle, park to metro' });
  });
});
