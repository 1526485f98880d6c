import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { broken } from '../support/full-run.ts';
import { wholeSite } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const thursday = '2026-11-26';
const at = (time: string, date = thursday) => `${date}T${time}:00+08:00`;
const run = (number: number, departs: string, direction = 'inbound') => ({
  runId: `run-${number}`,
  departs,
  direction,
});
const present = [run(1, '07:45'), run(2, '08:10'), run(3, '08:35'), run(8, '18:10', 'outbound')];
/** Run 1 stays, run 2 leaves later, run 3 goes the other way, run 8 is left out. */
const other = [run(1, '07:45'), run(2, '08:15'), run(3, '08:45', 'outbound')];

let site: TestSite;
let dispatcher: Person & Call;
beforeEach(async () => {
  const ids = ['run-1', 'run-2', 'run-3', 'run-8'];
  site = await aSite(wholeSite().filter(({ id }) => ids.includes(id.replace('-wheelchair', ''))));
  dispatcher = await site.person(staff('dispatcher'));
});

const make = (body: object = {}, by: Call = dispatcher, headers = {}) =>
  by.post(
    '/shuttle/timetables',
    { lineId: 'tidal', validFrom: thursday, runs: other, reason: '客流变化', ...body },
    headers,
  );
const undo = (id: string) => dispatcher.post(`/shuttle/timetables/${id}/undo`, {});
async function booked(ride: Readonly<Record<string, unknown>> = {}) {
  const person = await site.person(anEmployee());
  const made = await person.post('/bookings', aRide({ serviceDate: thursday, ...ride }));
  expect(made.status).toBe(201);
  return { person, id: made.body.id as string, now: async () => (await person.get(`/bookings/${made.body.id}`)).body };
}
const runs = async (date = thursday) =>
  (await site.get(`/shuttle/runs?date=${date}`)).body.items.map((each: AnyBody) => [
    each.runId,
    each.departsAt.slice(11, 16),
    each.direction,
    each.state,
  ]);
const line = async () => (await dispatcher.get('/shuttle/timetables')).body.items[0];

describe('a timetable from a date on', () => {
  test('changes the runs from that date on and not before; riders move, or are offered another run', async () => {
    const [before, moves, flips, ends] = [
      await booked({ serviceDate: '2026-11-25' }),
      await booked({ boardStopId: 'innovation', wheelchair: true }),
      await booked({ runId: 'run-3' }),
      await booked({ runId: 'run-8', boardStopId: 'guangqi', alightStopId: 'metro-l9' }),
    ];
    const made = await make();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      applied: true,
      keptDays: [],
      counts: { moved: 1, displaced: 2, withAlternative: 2 },
    });
    expect(await runs('2026-11-25')).toContainEqual(['run-2', '08:10', 'inbound', 'running']);
    const after = [
      ['run-1', '07:45', 'inbound', 'running'],
      ['run-2', '08:15', 'inbound', 'running'],
      ['run-3', '08:45', 'outbound', 'running'],
      ['run-8', '18:10', 'outbound', 'cancelled'],
    ];
    expect(await runs()).toEqual(after);
    expect(await runs('2026-12-28')).toEqual(after);
    expect(await before.now()).toMatchObject({ state: 'confirmed', startsAt: at('08:10', '2026-11-25') });
    expect(await moves.now()).toMatchObject({ state: 'confirmed', startsAt: at('08:17') });
    // To the runs as they will be, not as they were.
    const insteadOf = async (ride: typeof moves) => (await ride.now()).displacement.alternative.startsAt;
    expect(await insteadOf(flips)).toBe(at('08:15'));
    expect(await insteadOf(ends)).toBe(at('08:45'));
    expect((await line()).versions).toMatchObject([
      {
        validFrom: thursday,
        validTo: null,
        runs: other,
        made: { reason: '客流变化', moved: 1, displaced: 2, canUndo: true },
      },
      { validFrom: null, validTo: '2026-11-25', runs: present, made: null },
    ]);
    // What is published later follows it as well.
    site.clock.set('2026-12-20T09:00:00+08:00');
    site.forgetSurroundings();
    await site.topUp();
    expect(await runs('2027-01-12')).toEqual(after.slice(0, 3));
    expect(await broken(site)).toEqual([]);
  });

  test('is shown first by a dry run that leaves nothing behind', async () => {
    await booked({ runId: 'run-3' });
    const rows = await site.rows();
    const dry = await make({ dryRun: true });
    expect([dry.status, dry.body.applied, dry.body.versionId]).toEqual([200, false, null]);
    expect(await site.rows()).toEqual(rows);
    const made = await make({}, dispatcher, { 'if-match': dry.headers.get('ETag') ?? '' });
    expect(made.body.counts).toEqual(dry.body.counts);
    expect(made.body.displaced.map(({ alternative }: AnyBody) => alternative.startsAt)).toEqual(
      dry.body.displaced.map(({ alternative }: AnyBody) => alternative.startsAt),
    );
  });

  test('is taken back with all its riders before it begins, if nobody has booked what would be gone', async () => {
    const [moves, flips] = [await booked(), await booked({ runId: 'run-3' })];
    const { body } = await make();
    const home = await booked({ runId: 'run-3', boardStopId: 'guangqi', alightStopId: 'metro-l9' });
    expect(problemOf(await undo(body.versionId))).toBe('rule: booked-since');
    await home.person.post(`/bookings/${home.id}/cancel`, {});
    expect((await undo(body.versionId)).body.counts).toMatchObject({ moved: 1, restored: 1 });
    expect(await moves.now()).toMatchObject({ state: 'confirmed', startsAt: at('08:10') });
    expect(await flips.now()).toMatchObject({ state: 'confirmed', startsAt: at('08:35') });
    expect((await runs()).map(([, departs]: string[]) => departs)).toEqual(['07:45', '08:10', '08:35', '18:10']);
    expect((await line()).versions).toMatchObject([{ validFrom: null, validTo: null, runs: present }]);
    expect(problemOf(await undo(body.versionId))).toBe('rule: already-undone');
    expect((await make()).status).toBe(201);
    expect(await broken(site)).toEqual([]);
  });

  test('stays once it has begun, or a later one or a change of a day builds on it', async () => {
    const first = (await make()).body.versionId;
    const later = (await make({ validFrom: '2026-11-30', runs: present })).body.versionId;
    expect(problemOf(await undo(first))).toBe('rule: version-later');
    await undo(later);
    const changed = await dispatcher.post(`/shuttle/runs/run-2/days/${thursday}/changes`, {
      ...{ kind: 'flipped', reason: '会展', dryRun: false },
    });
    expect(problemOf(await undo(first))).toBe('rule: changed-since');
    await dispatcher.post(`/shuttle/run-changes/${changed.body.changeId}/undo`, {});
    site.clock.set(at('06:00'));
    expect(problemOf(await undo(first))).toBe('rule: version-begun');
  });

  test('leaves a day alone that was changed by itself, as long as there is a bus for all of it', async () => {
    const change = { kind: 'retimed', departs: '09:15', reason: '会展' };
    await dispatcher.post(`/shuttle/runs/run-3/days/${thursday}/changes`, change);
    const late = [...other, run(8, '09:15', 'outbound')];
    expect(problemOf(await make({ runs: late }))).toBe('rule: vehicle-busy');
    const made = await make();
    expect(made.body.keptDays).toEqual([{ runId: 'run-3', date: thursday }]);
    expect(await runs()).toContainEqual(['run-3', '09:15', 'inbound', 'running']);
    expect(await runs('2026-11-27')).toContainEqual(['run-3', '08:45', 'outbound', 'running']);
  });

  test('is refused by name when it cannot be', async () => {
    const refused = async (body: object) => problemOf(await make(body));
    expect(await refused({ validFrom: '2026-11-23' })).toBe('rule: version-too-soon');
    expect(await refused({ validFrom: '2027-11-23' })).toBe('rule: date-too-far');
    expect(await refused({ runs: present })).toBe('rule: nothing-changes');
    expect(await refused({ runs: [run(1, '07:45'), run(2, '08:00')] })).toBe('rule: vehicle-busy');
    expect(await refused({ runs: [run(1, '07:45'), run(1, '09:00')] })).toBe('rule: runs-unknown');
    expect(await refused({ runs: [run(77, '07:45')] })).toBe('rule: runs-unknown');
    await site.db.query('UPDATE shuttle_line SET runs_per_day = 2 WHERE site_id = $1', [site.id]);
    expect(await refused({})).toBe('rule: too-many-runs');
    await site.db.query('UPDATE shuttle_line SET runs_per_day = 10 WHERE site_id = $1', [site.id]);
    await make();
    expect(await refused({ runs: present })).toBe('rule: version-later');
  });

  test('is for those who dispatch the line', async () => {
    const { body } = await make();
    for (const stranger of [await site.person(staff('dispatcher', 'demo-ic')), await site.person(anEmployee())]) {
      expect((await make({ validFrom: '2026-11-30', runs: present }, stranger)).status).toBe(404);
      expect((await stranger.get('/shuttle/timetables')).status).toBe(404);
      expect((await stranger.post(`/shuttle/timetables/${body.versionId}/undo`, {})).status).toBe(404);
    }
  });
});
