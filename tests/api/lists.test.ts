import { beforeAll, describe, expect, test } from 'vitest';
import { writeCursor } from '../../api/http/cursor.ts';
import { siteAnswer } from '../../api/people/schemas.ts';
import { resourceAnswer } from '../../api/services/registry.ts';
import { slotAnswer } from '../../api/services/schemas.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aClass, aLot, aRun, wholeSite } from '../support/offers.ts';
import { aResident, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, slotsOn } from '../support/slots.ts';

type Item = { id: string; kind: string };

/** Every page of a list, one after the other. */
async function pages(caller: Call, path: string, limit: number): Promise<Item[][]> {
  const read: Item[][] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { body, status } = await caller.get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${next}`);
    expect(status).toBe(200);
    read.push(body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && read.length < 100);
  return read;
}

describe('pages of a list hold each item once, in one order', () => {
  let site: TestSite;
  let resident: Person & Call;
  beforeAll(async () => {
    // Both lots begin at 18:30.
    site = await aSite([
      aLot(),
      aLot({ id: 'institute-21-night' }),
      ...aCanteen(),
      aRun(),
      aRun({ id: 'run-3' }),
      aClass(),
    ]);
    resident = await site.person(aResident());
    for (const serviceDate of ['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-30']) {
      await resident.post('/bookings', aRide({ serviceDate }));
      // Two of the same instant of start: the cursor needs more than the time.
      const other = await slotsOn(site, 'guangqi-night', serviceDate);
      await resident.post('/bookings', { kind: 'parking', slotIds: [other[0]?.id], vehicleId: resident.vehicleIds[0] });
    }
  });

  test.each([
    ['/slots?kind=shuttle&from=2026-11-24&to=2026-11-25', 24, 7],
    ['/slots?from=2026-11-23&to=2026-11-24', 2 * (2 + 9 + 12), 10],
    ['/slots?kind=parking&from=2026-11-24&to=2026-11-25', 4, 1],
    ['/bookings', 10, 3],
    ['/bookings?when=upcoming', 10, 1],
    ['/bookings?kind=parking', 5, 5],
    ['/resources', 6, 2],
    ['/resources?kind=shuttle', 2, 1],
  ])('%s', async (path, total, limit) => {
    const [whole = []] = await pages(resident, path, 200);
    expect(whole).toHaveLength(total);
    const paged = await pages(resident, path, limit);
    expect(paged.flat()).toEqual(whole);
    expect(
      paged.map(({ length }) => length).every((length, index) => length === limit || index === paged.length - 1),
    ).toBe(true);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(total);
    expect(paged).toHaveLength(Math.ceil(total / limit));
  });

  test('of bookings goes on from one month to the next, either way', async () => {
    // By UTC a new month begins at 08:00 here: the nights before and after it are of different ones.
    const site = await aSite([aLot()], { now: '2026-11-20T09:00:00+08:00' });
    const holder = await site.person(aResident());
    const dates = ['2026-11-29', '2026-11-30', '2026-12-01', '2026-12-30', '2026-12-31'];
    const ids: string[] = [];
    for (const date of dates) {
      const [night] = await slotsOn(site, 'guangqi-night', date);
      const wish = { kind: 'parking', slotIds: [night?.id], vehicleId: holder.vehicleIds[0] };
      ids.push((await holder.post('/bookings', wish)).body.id);
    }
    const listed = async (path: string) => (await pages(holder, path, 2)).flat().map(({ id }) => id);
    expect(await listed('/bookings?when=upcoming')).toEqual(ids);
    expect(await listed('/bookings?')).toEqual(ids.toReversed());
  });

  test('also while bookings are made between the pages', async () => {
    const first = await resident.get('/bookings?when=upcoming&limit=4');
    await resident.post('/bookings', aRide({ runId: 'run-3' }));
    const rest = await resident.get(`/bookings?when=upcoming&limit=200&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...rest.body.items].map(({ id }: Item) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    '/slots?cursor=',
    '/slots?cursor=x',
    '/slots?cursor=%00',
    `/slots?cursor=${writeCursor(['2026-11-24', 1])}`,
    `/slots?cursor=${writeCursor(['2026-02-30', 1, 1])}`,
    `/slots?cursor=${writeCursor(['0000-01-01', 1, 1])}`,
    `/slots?cursor=${writeCursor(['2026-11-24', 1.5, 1])}`,
    `/slots?cursor=${writeCursor(['2026-11-24', 7e15, 1])}`,
    `/slots?cursor=${writeCursor(['2026-11-24', -7e15, 1])}`,
    `/slots?cursor=${writeCursor(["2026-11-24'; --", 1, 1])}`,
    `/slots?cursor=${writeCursor(['2026-11-24', 1, 2 ** 60])}`,
    `/slots?cursor=${'A'.repeat(201)}`,
    '/bookings?cursor=x',
    `/bookings?cursor=${writeCursor([1, 'no-uuid'])}`,
    `/bookings?cursor=${writeCursor(['1', crypto.randomUUID()])}`,
    `/bookings?cursor=${writeCursor([7e15, crypto.randomUUID()])}`,
    `/bookings?cursor=${writeCursor([-7e13, crypto.randomUUID()])}`,
    '/resources?cursor=x',
    `/resources?cursor=${writeCursor(['no-such'])}`,
    `/resources?cursor=${writeCursor([1])}`,
    `/resources?cursor=${writeCursor([null as never])}`,
  ])('%s is no cursor: 422', async (path) => {
    const answer = await resident.get(path);
    expect([answer.status, problemOf(answer)]).toEqual([422, 'validation']);
    expect(answer.body.errors[0].pointer).toBe('/cursor');
  });
});

describe('filters', () => {
  test('of slots name the fields', async () => {
    const site = await aSite([aLot(), ...aCanteen(), aRun(), aRun({ id: 'run-3' }), aClass()]);
    const kinds = async (query: string) => {
      const { body } = await site.get<{ items: { kind: string; resourceId: string; serviceDate: string }[] }>(
        `/slots?${query}`,
      );
      return [...new Set(body.items.map(({ resourceId }) => resourceId))].toSorted();
    };
    expect(await kinds('kind=shuttle')).toEqual(['run-2', 'run-3']);
    expect(await kinds('kind=childcare')).toEqual(['summer-1-a']);
    expect(await kinds('resourceId=run-3')).toEqual(['run-3']);
    expect(await kinds('kind=canteen&resourceId=run-3')).toEqual([]);
    expect(await kinds('from=2026-11-28&to=2026-11-29')).toEqual(['guangqi-night']);
    expect(await kinds('resourceId=innovation-hongshao')).toEqual([]);
  });

  test('of bookings: state, kind, upcoming and past', async () => {
    const site = await aSite([aRun(), aLot()]);
    const resident = await site.person(aResident());
    const [night] = await slotsOn(site, 'guangqi-night', '2026-11-24');
    const ride = (await resident.post('/bookings', aRide())).body.id;
    const gone = (await resident.post('/bookings', aRide({ serviceDate: '2026-11-25' }))).body.id;
    const stay = (
      await resident.post('/bookings', { kind: 'parking', slotIds: [night?.id], vehicleId: resident.vehicleIds[0] })
    ).body.id;
    await resident.post(`/bookings/${gone}/cancel`, {});
    const ids = async (query: string) => {
      const { body } = await resident.get<{ items: Item[] }>(`/bookings?${query}`);
      return body.items.map(({ id }) => id);
    };
    expect(await ids('')).toEqual([gone, stay, ride]);
    expect(await ids('state=cancelled')).toEqual([gone]);
    expect(await ids('kind=parking')).toEqual([stay]);
    expect(await ids('when=upcoming')).toEqual([ride, stay]);
    expect(await ids('when=past')).toEqual([gone]);
    site.clock.set('2026-11-24T12:00:00+08:00');
    expect(await ids('when=upcoming')).toEqual([stay]);
    expect(await ids('when=past')).toEqual([gone, ride]);
  });
});

describe('what is listed of the whole site', () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await aSite(wholeSite());
  });

  test('matches the schemas that the OpenAPI document shows', async () => {
    const resources = (await site.get('/resources?limit=200')).body.items;
    expect(resources.length).toBe(4 + 9 + 10 + 4);
    for (const resource of resources) resourceAnswer.parse(resource);
    const slots = (await site.get('/slots?from=2026-11-23&to=2026-11-29&limit=1000')).body.items;
    for (const slot of slots) slotAnswer.parse(slot);
    siteAnswer.parse((await site.get('/site')).body);
    for (const { rules } of resources) {
      for (const { text } of rules) expect([text.zh, text.en]).not.toContain('');
    }
  });

  test('shows the demo people, and the clock', async () => {
    const { body } = await site.get('/site');
    expect(body).toMatchObject({
      id: site.code,
      demo: true,
      now: '2026-11-23T09:00:00+08:00',
      timeZone: 'Asia/Shanghai',
    });
    expect(body.demoPeople.map(({ phone }: { phone: string }) => phone)).toContain('13800000009');
  });
});
