import { beforeEach, expect, test } from 'vitest';
import { changeRun } from '../support/changed-runs.ts';
import { problemOf, type Call } from '../support/call.ts';
import { fetched } from '../support/gtfs-feed.ts';
import { wholeSite } from '../support/offers.ts';
import { staff } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';

const day = '2026-11-24';
const at = (time: string) => `${day}T${time}+08:00`;
const seenAt = (time: string, more = {}) => ({ lat: 31.17, lng: 121.39, at: at(time), ...more });

let site: TestSite;
let dispatcher: Call;
beforeEach(async () => {
  site = await aSite(
    wholeSite().filter(({ id }) => ['run-2', 'run-3'].includes(id)),
    { now: at('08:12:00') },
  );
  dispatcher = await site.person(staff('dispatcher'));
});

async function aDriver(runId = 'run-2') {
  const { id, path } = (await dispatcher.post('/shuttle/driver-links', { runId, serviceDate: day })).body;
  return { id, driver: site.with({ authorization: `Bearer ${path.replace('/driver/run#', '')}` }) };
}

/** Where map apps see buses, by run. */
async function shown(): Promise<Record<string, unknown>> {
  const { bytes } = await fetched(site, '/gtfs-rt/vehicle-positions.pb', { accept: 'application/json' });
  const { entity } = JSON.parse(new TextDecoder().decode(bytes)) as {
    entity: { vehicle: { vehicle: { id: string }; position?: unknown } }[];
  };
  return Object.fromEntries(
    entity.flatMap(({ vehicle }) => (vehicle.position ? [[vehicle.vehicle.id, vehicle.position]] : [])),
  );
}

test('a driver’s phone says where the bus of its link is, and of no other run; map apps show it', async () => {
  const { driver } = await aDriver();
  expect(await shown()).toEqual({});
  const told = await driver.post('/driver/position', seenAt('08:12:00', { bearing: 90, metresPerSecond: 6.5 }));
  expect(told.body).toEqual({ kept: true, everySeconds: 5 });
  expect((await driver.post('/driver/position', seenAt('08:12:00'))).body.kept).toBe(false);
  const seen = { latitude: 31.17, longitude: 121.39, bearing: 90, speed: 6.5 };
  expect(await shown()).toEqual({ 'run-2': seen });
  // The run is the link's: a phone cannot name another, nor go the way of the staff.
  expect(problemOf(await driver.post('/driver/position', seenAt('08:12:00', { runId: 'run-3' })))).toBe('validation');
  const ofAnother = await driver.post(`/shuttle/runs/run-3/days/${day}/position`, seenAt('08:12:00'));
  expect(problemOf(ofAnother)).toBe('unauthenticated');
  expect(await shown()).toEqual({ 'run-2': seen });
});

test('of a link that was revoked, or without one, no position is taken', async () => {
  const { id, driver } = await aDriver();
  await dispatcher.post(`/shuttle/driver-links/${id}/revoke`, {});
  for (const call of [driver, site, dispatcher])
    expect(problemOf(await call.post('/driver/position', seenAt('08:12:00')))).toBe('bad-link');
  expect(await shown()).toEqual({});
});

test('nobody is followed before the run or home after it, though the link still works, nor on a cancelled run', async () => {
  site.clock.set(at('07:00:00'));
  const { driver } = await aDriver();
  const { positionFrom, positionUntil } = (await driver.get('/driver/run')).body;
  expect([positionFrom, positionUntil]).toEqual([at('07:40:00'), at('08:55:00')]);
  const taken = 'no problem, status 200';
  const answers: string[] = [];
  for (const time of ['07:39:59', '07:40:00', '08:54:59', '08:55:00']) {
    site.clock.set(at(time));
    answers.push(problemOf(await driver.post('/driver/position', seenAt(time))));
  }
  expect(answers).toEqual(['rule: not-under-way', taken, taken, 'rule: not-under-way']);
  expect((await driver.get('/driver/run')).status).toBe(200);

  site.clock.set(at('07:40:00'));
  await changeRun(site, 'run-3', day, { kind: 'cancelled' });
  const other = await aDriver('run-3');
  site.clock.set(at('08:30:00'));
  expect(problemOf(await other.driver.post('/driver/position', seenAt('08:30:00')))).toBe('rule: not-running');
});
