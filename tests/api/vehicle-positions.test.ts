import { beforeEach, describe, expect, test } from 'vitest';
import { recordPosition, type PositionActor } from '../../api/services/shuttle/gtfs/record-position.ts';
import { sweep } from '../../api/sweep.ts';
import { changeRun } from '../support/changed-runs.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { staff, anEmployee } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';

const day = '2026-11-24';
const path = `/shuttle/runs/run-2/days/${day}/position`;
const at = (time: string) => `${day}T${time}+08:00`;
const seenAt = (time: string, lat = 31.17) => ({ lat, lng: 121.39, at: at(time) });

let site: TestSite;
let dispatcher: Call;
beforeEach(async () => {
  site = await aSite([aRun()], { now: at('08:12:00') });
  dispatcher = await site.person(staff('dispatcher'));
});
const known = () =>
  site.db.query<{ lat: number; at: number }>('SELECT lat, at FROM vehicle_position WHERE site_id = $1', [site.id]);

describe('the position of a bus', () => {
  test('is the latest that was told, in whatever order and however often', async () => {
    const answers: unknown[] = [];
    for (const seen of [
      seenAt('08:11:30', 31.1),
      seenAt('08:11:40', 31.2),
      seenAt('08:11:30', 31.1),
      seenAt('08:11:10', 31.3),
    ])
      answers.push((await dispatcher.post(path, seen)).body);
    expect(answers).toEqual([true, true, false, false].map((kept) => ({ kept, everySeconds: 5 })));
    expect(await known()).toEqual([{ lat: 31.2, at: Date.parse(at('08:11:40')) }]);
  });

  test('is kept every so many seconds only', async () => {
    const kept: boolean[] = [];
    for (const time of ['08:11:40', '08:11:44', '08:11:45', '08:11:49'])
      kept.push((await dispatcher.post(path, seenAt(time))).body.kept);
    expect(kept).toEqual([true, false, true, false]);
  });

  test('of a clock that is fast counts as now, so that what follows is news', async () => {
    await dispatcher.post(path, seenAt('23:00:00', 31.1));
    site.clock.set(at('08:12:05'));
    expect((await dispatcher.post(path, seenAt('08:12:05', 31.2))).body.kept).toBe(true);
    expect(await known()).toEqual([{ lat: 31.2, at: Date.parse(at('08:12:05')) }]);
  });

  test('is taken on the day of the run only, and while it runs', async () => {
    expect(problemOf(await dispatcher.post(path.replace(day, '2026-11-25'), seenAt('08:12:00')))).toBe(
      'rule: run-not-today',
    );
    site.clock.set(at('07:00:00'));
    await changeRun(site, 'run-2', day, { kind: 'cancelled' });
    site.clock.set(at('08:12:00'));
    expect(problemOf(await dispatcher.post(path, seenAt('08:12:00')))).toBe('rule: not-running');
    site.clock.set('2026-11-28T08:12:00+08:00');
    expect(problemOf(await dispatcher.post(path.replace(day, '2026-11-28'), seenAt('08:12:00')))).toBe(
      'rule: not-running',
    );
    expect(await known()).toEqual([]);
  });

  test.each([
    [{ lat: 91, lng: 0, at: at('08:12:00') }],
    [{ lat: 31, lng: 121, at: '08:12' }],
    [{ lat: 31, lng: 121, bearing: 361, at: at('08:12:00') }],
    [{ lat: 31, lng: 121, at: at('08:12:00'), driver: '张师傅' }],
  ])('is refused when it is none: %j', async (seen) => {
    expect((await dispatcher.post(path, seen)).status).toBe(422);
  });

  test('may be told by who runs the line: to others the run is not there', async () => {
    for (const sketch of [anEmployee(), staff('dispatcher', 'street'), staff('provider')])
      expect(problemOf(await (await site.person(sketch)).post(path, seenAt('08:12:00')))).toBe('not-found');
    expect((await site.post(path, seenAt('08:12:00'))).status).toBe(401);
    expect((await (await site.person(staff('site-administrator', null))).post(path, seenAt('08:12:00'))).status).toBe(
      200,
    );
    expect(problemOf(await dispatcher.post(path.replace('run-2', 'run-99'), seenAt('08:12:00')))).toBe('not-found');
  });

  test('may be told by the driver of that run and day, of no other', async () => {
    const context = await site.deps.contextNow();
    const tell = (actor: PositionActor) =>
      recordPosition(
        context,
        actor,
        { runId: 'run-2', serviceDate: day },
        { lat: 31, lng: 121, bearing: null, metresPerSecond: null, at: context.now },
        5,
      );
    expect(await tell({ as: 'driver', runId: 'run-2', serviceDate: '2026-11-23' })).toMatchObject({
      problem: 'not-found',
    });
    expect(await tell({ as: 'driver', runId: 'run-3', serviceDate: day })).toMatchObject({ problem: 'not-found' });
    expect(await tell({ as: 'driver', runId: 'run-2', serviceDate: day })).toEqual({ ok: true, kept: true });
  });

  test('is forgotten once the day is over, not before', async () => {
    await dispatcher.post(path, seenAt('08:12:00'));
    site.clock.set(at('23:59:00'));
    await sweep(site.db, site.clock, site.code);
    expect(await known()).toHaveLength(1);
    site.clock.set('2026-11-25T00:01:00+08:00');
    await sweep(site.db, site.clock, site.code);
    expect(await known()).toEqual([]);
  });
});
