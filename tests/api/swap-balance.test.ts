import { beforeEach, describe, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { readCsv } from '../../api/calendar/csv-records.ts';
import { agree, partiesOn } from '../support/agreements.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { aLot } from '../support/offers.ts';
import { anEmployee, aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn, slotsOn } from '../support/slots.ts';

const [night, byDay] = ['guangqi-night', 'sample-compound-day'];
const months = '?from=2026-11&to=2026-12';
let site: TestSite;
let provider: Person & Call;
let committee: Person & Call;
let administrator: Person & Call;

beforeEach(async () => {
  site = await aSite([aLot(), aLot({ id: byDay }), aLot({ id: 'qinzhou-north-night' })]);
  ({ provider, committee, administrator } = await partiesOn(site));
});

const balanceFor = async (caller: Call, id = night): Promise<AnyBody> =>
  (await caller.get(`/parking/agreements/${id}/swap-balance${months}`)).body;

/** What the slots that everybody sees add up to, counted one by one, and what the lines of live bookings take of them. */
async function countedBySlots(resourceId: string, month: string) {
  const slots = await slotsOn(site, resourceId, `${month}-01`, `${month}-${month === '2026-11' ? 30 : 31}`);
  const closed = new Set(
    (await site.db.query<{ id: number }>(`SELECT id FROM slot WHERE site_id = $1 AND state = 'closed'`, [site.id])).map(
      ({ id }) => String(id),
    ),
  );
  const lines = await site.db.query<{ slotId: number; units: number }>(
    `SELECT l.slot_id AS "slotId", l.units FROM booking_line l JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
     WHERE l.site_id = $1 AND b.state IN ('held', 'confirmed', 'checked_in', 'completed', 'no_show')`,
    [site.id],
  );
  let [lentMinutes, usedMinutes] = [0, 0];
  for (const { id, capacity, startsAt, endsAt } of slots) {
    if (closed.has(id)) continue;
    const minutes = (parseInstant(endsAt) - parseInstant(startsAt)) / 60_000;
    lentMinutes += capacity * minutes;
    for (const line of lines) if (String(line.slotId) === id) usedMinutes += line.units * minutes;
  }
  return { lentMinutes, usedMinutes };
}

async function expectToAddUp(): Promise<AnyBody> {
  const balance = await balanceFor(provider);
  for (const { month, first, second } of balance.months) {
    expect([month, first]).toEqual([month, await countedBySlots(night, month)]);
    expect([month, second]).toEqual([month, await countedBySlots(byDay, month)]);
  }
  return balance;
}

async function bookNight(date: string) {
  const driver = await site.person(aResident());
  const { id } = await slotOn(site, night, date);
  await driver.post('/bookings', { kind: 'parking', slotIds: [id], vehicleId: driver.vehicleIds[0] });
  return driver;
}

describe('the balance of a swap', () => {
  test('adds up to the slots, month by month and side by side, also after a withdrawal, a displacement and a closing', async () => {
    await bookNight('2026-11-26');
    await bookNight('2026-11-27');
    await bookNight('2026-12-01');
    const worker = await site.person({ ...anEmployee(), vehicles: [{ verified: true }] });
    const { id } = await slotOn(site, byDay, '2026-11-25');
    await worker.post('/bookings', { kind: 'parking', slotIds: [id], vehicleId: worker.vehicleIds[0] });
    const before = await expectToAddUp();
    expect(before.total.first.usedMinutes).toBe((13.5 + 13.5 + 13.5) * 60);
    expect(before.total.second.usedMinutes).toBe(9 * 60);

    await provider.post(`/parking/agreements/${night}/withdrawals`, {
      from: '2026-11-25',
      to: '2026-11-26',
      spaces: 7,
      reason: '活动',
    });
    const less = await expectToAddUp();
    expect(before.total.first.lentMinutes - less.total.first.lentMinutes).toBe(7 * 2 * 13.5 * 60);

    await provider.post(`/parking/agreements/${night}/withdrawals`, {
      from: '2026-11-27',
      to: '2026-11-27',
      spaces: 30,
      reason: '活动',
    });
    const displaced = await expectToAddUp();
    expect(less.total.first.usedMinutes - displaced.total.first.usedMinutes).toBe(13.5 * 60);

    await committee.post(`/parking/agreements/${night}/suspensions`, {
      from: '2026-12-05',
      to: '2026-12-06',
      reason: '改造',
    });
    const closed = await expectToAddUp();
    expect(displaced.total.first.lentMinutes - closed.total.first.lentMinutes).toBe(30 * 48 * 60);
  });

  test('counts a night over the end of a month in the month of its service date', async () => {
    await provider.post(`/parking/agreements/${night}/suspensions`, {
      from: '2026-12-01',
      to: '2026-12-31',
      reason: '改造',
    });
    const { months: rows } = await expectToAddUp();
    expect(rows[1].first).toEqual({ lentMinutes: 0, usedMinutes: 0 });
    // 30 November's night ends on 1 December.
    expect((await slotOn(site, night, '2026-11-30')).endsAt).toContain('2026-12-01');
  });

  test('is the same for both parties, from the other side with its sides changed over', async () => {
    const balance = await balanceFor(provider);
    expect(await balanceFor(committee)).toEqual(balance);
    const compound = await site.person(staff('provider', 'sample-compound'));
    const mirrored = await balanceFor(compound, byDay);
    expect([mirrored.first, mirrored.second, mirrored.total.first]).toEqual([
      balance.second,
      balance.first,
      balance.total.second,
    ]);
    expect(balance.first.lender.id).toBe('park');
  });

  test('is nobody else’s, and of no agreement that is not part of a swap', async () => {
    const route = (id: string) => `/parking/agreements/${id}/swap-balance`;
    expect((await (await site.person(staff('provider', 'street'))).get(route(night))).status).toBe(404);
    expect((await (await site.person(aResident())).get(`${route(night)}.csv`)).status).toBe(404);
    expect(problemOf(await administrator.get(route('qinzhou-north-night')))).toBe('rule: no-swap');
  });

  test('needs two agreements that name each other', async () => {
    await agree(administrator, administrator, byDay, { swapOf: null });
    expect((await provider.get(`/parking/agreements/${night}`)).body.swap).toMatchObject({
      id: byDay,
      isMutual: false,
    });
    expect(problemOf(await provider.get(`/parking/agreements/${night}/swap-balance`))).toBe('rule: swap-not-mutual');
    await agree(administrator, administrator, byDay, { swapOf: night });
    expect((await provider.get(`/parking/agreements/${night}/swap-balance`)).status).toBe(200);
  });

  test.each(['?from=2026-12&to=2026-11', '?from=2024-01&to=2026-12'])('%s is no range of months', async (query) => {
    expect(problemOf(await provider.get(`/parking/agreements/${night}/swap-balance${query}`))).toBe(
      'rule: months-range',
    );
  });

  test('shows half a year up to this month unless it is told', async () => {
    const { months: rows } = (await provider.get(`/parking/agreements/${night}/swap-balance`)).body;
    expect(rows.map(({ month }: AnyBody) => month)).toEqual([
      '2026-06',
      '2026-07',
      '2026-08',
      '2026-09',
      '2026-10',
      '2026-11',
    ]);
  });
});

test('the table for spreadsheets says the same, and no name in it can be a formula', async () => {
  await site.db.query(`UPDATE organisation SET name = $2::jsonb WHERE site_id = $1 AND id = 'park'`, [
    site.id,
    JSON.stringify({ zh: '=HYPERLINK("http://x","园区"),', en: 'Park' }),
  ]);
  const balance = await balanceFor(provider);
  const answer = await provider.get<string>(`/parking/agreements/${night}/swap-balance.csv${months}`);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="swap-balance-guangqi-night.csv"');
  const { records } = readCsv(answer.body);
  const rows = records.slice(1).map(({ fields }) => fields);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toEqual([
    ...['2026-11', `'=HYPERLINK("http://x","园区"),`, '光启园夜间停车'],
    ...[
      (balance.months[0].first.lentMinutes / 60).toFixed(2),
      '0.00',
      String(balance.months[0].first.lentMinutes),
      '0',
    ],
  ]);
  expect(rows[5]?.[5]).toBe(String(balance.total.second.lentMinutes));
  const english = await provider.get<string>(`/parking/agreements/${night}/swap-balance.csv${months}`, {
    'accept-language': 'en',
  });
  expect(english.body).toContain('Total,Sample compound,"Sample compound, by day"');
});
