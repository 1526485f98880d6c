import bindings from 'gtfs-realtime-bindings';
import { beforeEach, describe, expect, test } from 'vitest';
import { addRun, changeRun } from '../support/changed-runs.ts';
import { problemOf, type Call } from '../support/call.ts';
import { fetched } from '../support/gtfs-feed.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, staff } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';

const { FeedMessage } = bindings.transit_realtime;
const day = '2026-11-24';
const at = (time: string, date = day) => `${date}T${time}:00+08:00`;
const seconds = (text: string) => Date.parse(text) / 1000;
const detour = {
  ...{ lineId: 'tidal', cause: 'construction', effect: 'detour' },
  title: { zh: '虹钦园站临时改道', en: 'Detour at Hongqin Park' },
  text: { zh: '请到新汇园站上车。', en: 'Please board at Xinhui Park.' },
};

let site: TestSite;
let dispatcher: Call;
beforeEach(async () => {
  site = await aSite([aRun(), aRun({ id: 'run-8' })], { now: at('07:00') });
  dispatcher = await site.person(staff('dispatcher'));
});
const publish = (change: object = {}, headers = {}) =>
  dispatcher.post('/shuttle/alerts', { ...detour, ...change }, headers);
const shown = async () =>
  (await site.get('/shuttle/alerts')).body.items.map(({ title }: { title: { en: string } }) => title.en);
const managed = async (caller = dispatcher) => (await caller.get('/shuttle/alerts?managed=true')).body;

describe('what a dispatcher tells riders', () => {
  test('is told to everybody from its start to its end, with the names of what it is about', async () => {
    const made = await publish({ startsAt: at('08:00'), endsAt: at('09:00'), runIds: ['run-2'], stopIds: ['hongqin'] });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body).toMatchObject({
      ...{ ...detour, state: 'upcoming', version: 1, endedAt: null },
      ...{ startsAt: at('08:00'), endsAt: at('09:00'), publishedAt: at('07:00') },
      runs: [{ id: 'run-2', name: { en: '08:10 shuttle, metro to park' } }],
      stops: [{ id: 'hongqin', name: { zh: '虹钦园' } }],
    });
    expect(await shown()).toEqual([]);
    site.clock.set(at('08:00'));
    expect(await shown()).toEqual(['Detour at Hongqin Park']);
    site.clock.set(at('09:00'));
    expect(await shown()).toEqual([]);
    expect((await managed()).items).toMatchObject([{ state: 'over' }]);
  });

  test('holds from now until it is ended, and again when that is taken back', async () => {
    const { body } = await publish();
    expect([body.state, body.startsAt, body.endsAt]).toEqual(['current', at('07:00'), null]);
    site.clock.set(at('10:00'));
    const ended = await dispatcher.post(`/shuttle/alerts/${body.id}/end`, {});
    expect(ended.body).toMatchObject({ state: 'ended', endedAt: at('10:00'), version: 2 });
    expect(await shown()).toEqual([]);
    expect(problemOf(await dispatcher.post(`/shuttle/alerts/${body.id}/end`, {}))).toBe('rule: alert-over');
    const undone = await dispatcher.post(`/shuttle/alerts/${body.id}/undo`, {});
    expect(undone.body).toMatchObject({ state: 'current', endedAt: null, version: 3 });
    expect(await shown()).toEqual(['Detour at Hongqin Park']);
    expect(problemOf(await dispatcher.post(`/shuttle/alerts/${body.id}/undo`, {}))).toBe('rule: alert-not-ended');
    const events = await site.db.query<{ type: string }>(
      `SELECT type FROM event WHERE site_id = $1 AND type LIKE 'service-alert.%' ORDER BY id`,
      [site.id],
    );
    expect(events.map(({ type }) => type.split('.')[1])).toEqual(['published', 'ended', 'resumed']);
  });

  test('cannot be resumed once its time is over', async () => {
    const { body } = await publish({ endsAt: at('09:00') });
    await dispatcher.post(`/shuttle/alerts/${body.id}/end`, {});
    site.clock.set(at('09:00'));
    expect(problemOf(await dispatcher.post(`/shuttle/alerts/${body.id}/undo`, {}))).toBe('rule: alert-over');
  });

  test('takes local times of the site as a browser writes them', async () => {
    const { body } = await publish({ startsAt: `${day}T08:00`, endsAt: `${day}T09:30` });
    expect([body.startsAt, body.endsAt]).toEqual([at('08:00'), at('09:30')]);
  });

  test.each([
    [{ startsAt: at('09:00'), endsAt: at('08:00') }, 'rule: alert-period'],
    [{ startsAt: at('05:00'), endsAt: at('06:00') }, 'rule: alert-period'],
    [{ runIds: ['run-99'] }, 'rule: alert-not-of-line'],
    [{ stopIds: ['moon'] }, 'rule: alert-not-of-line'],
    [{ lineId: 'moon' }, 'not-found'],
    [{ title: { zh: '绕行' } }, 'validation'],
    [{ startsAt: '0000-01-01T00:00' }, 'validation'],
    [{ effect: 'chaos' }, 'validation'],
  ])('is refused when it makes no sense: %j', async (change, problem) => {
    expect(problemOf(await publish(change))).toBe(problem);
    expect((await managed()).items).toEqual([]);
  });

  test('is told once however often the request is repeated, and by who saw it as it is', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const [first, again] = [await publish({}, headers), await publish({}, headers)];
    expect([again.status, again.body.id, again.headers.get('idempotent-replay')]).toEqual([201, first.body.id, 'true']);
    expect((await managed()).items).toHaveLength(1);
    const stale = await dispatcher.post(`/shuttle/alerts/${first.body.id}/end`, {}, { 'if-match': '"7"' });
    expect([stale.status, stale.headers.get('etag')]).toEqual([412, '"1"']);
    expect(await shown()).toHaveLength(1);
  });

  test('is the business of who runs the line: nobody else publishes, ends, resumes or sees what was', async () => {
    const { body } = await publish();
    for (const sketch of [anEmployee(), staff('dispatcher', 'street'), staff('canteen-manager')]) {
      const stranger = await site.person(sketch);
      expect(problemOf(await stranger.post('/shuttle/alerts', detour))).toBe('not-found');
      for (const step of ['end', 'undo'])
        expect(problemOf(await stranger.post(`/shuttle/alerts/${body.id}/${step}`, {}))).toBe('not-found');
    }
    expect(problemOf(await (await site.person(anEmployee())).get('/shuttle/alerts?managed=true'))).toBe('not-found');
    expect(problemOf(await site.get('/shuttle/alerts?managed=true'))).toBe('not-found');
    expect((await managed(await site.person(staff('dispatcher', 'street')))).items).toEqual([]);
    expect((await managed(await site.person(staff('site-administrator', null)))).items).toHaveLength(1);
    expect(await shown()).toHaveLength(1);
  });

  test('is listed page by page, latest first', async () => {
    for (const en of ['one', 'two', 'three']) {
      await publish({ title: { zh: en, en } });
      site.clock.advance(60);
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await dispatcher.get(`/shuttle/alerts?managed=true&limit=2${cursor}`);
      seen.push(...body.items.map(({ title }: { title: { en: string } }) => title.en));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(['three', 'two', 'one']);
  });
});

describe('the alerts feed, decoded by gtfs-realtime-bindings', () => {
  const entities = async () => {
    const { bytes } = await fetched(site, '/gtfs-rt/alerts.pb');
    return FeedMessage.toObject(FeedMessage.decode(bytes), { enums: String, longs: Number }).entity as
      object[] | undefined;
  };

  test('says what the dispatchers tell, also of times to come, of trips and stops by the ids of the static feed', async () => {
    const { body } = await publish({
      startsAt: at('08:00'),
      endsAt: at('20:00'),
      runIds: ['run-2', 'run-8'],
      stopIds: ['hongqin'],
    });
    const of = (tripId: string) => ({ routeId: 'tidal', trip: { tripId }, stopId: 'hongqin' });
    const words = (zh: string, en: string) => ({
      translation: [
        { text: zh, language: 'zh' },
        { text: en, language: 'en' },
      ],
    });
    expect(await entities()).toEqual([
      {
        id: `alert:${body.id}`,
        alert: {
          activePeriod: [{ start: seconds(at('08:00')), end: seconds(at('20:00')) }],
          informedEntity: [of('run-2'), of('run-8')],
          ...{ cause: 'CONSTRUCTION', effect: 'DETOUR' },
          headerText: words(detour.title.zh, detour.title.en),
          descriptionText: words(detour.text.zh, detour.text.en),
        },
      },
    ]);
    await dispatcher.post(`/shuttle/alerts/${body.id}/end`, {});
    expect(await entities()).toBeUndefined();
  });

  test('is about the whole line where nothing is named, and has no end that nobody knows', async () => {
    await publish({ cause: 'other', effect: 'other' });
    expect(await entities()).toMatchObject([
      { alert: { informedEntity: [{ routeId: 'tidal' }], cause: 'OTHER_CAUSE', effect: 'OTHER_EFFECT' } },
    ]);
    const [{ alert }] = (await entities()) as [{ alert: { activePeriod: object[] } }];
    expect(alert.activePeriod).toEqual([{ start: seconds(at('07:00')) }]);
  });

  test('says by itself that a run is cancelled and why; not of one that the static feed does not have', async () => {
    await changeRun(site, 'run-8', day, { kind: 'cancelled' });
    const extra = await addRun(site, '2026-11-28', '08:10');
    await changeRun(site, extra, '2026-11-28', { kind: 'cancelled' });
    expect(await entities()).toMatchObject([
      {
        id: `cancelled:run-8:${day}`,
        alert: {
          informedEntity: [{ routeId: 'tidal', trip: { tripId: 'run-8', startDate: '20261124' } }],
          effect: 'NO_SERVICE',
          headerText: {
            translation: [{ language: 'zh' }, { text: `18:10 shuttle of ${day} cancelled`, language: 'en' }],
          },
          descriptionText: { translation: [{ text: '车辆故障', language: 'zh' }] },
        },
      },
    ]);
  });
});
