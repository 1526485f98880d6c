import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datesBetween, parseInstant, plusDays, toText } from '../../api/calendar/time.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import { problemOf } from '../support/call.ts';
import { aCanteen, aClass, aLot, aRun } from '../support/offers.ts';
import { aParent, aResident, anEmployee } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, slotOn, slotsOn } from '../support/slots.ts';

const zone = 'Asia/Shanghai';

/** The dates of a range on which a resource has slots. */
async function datesOf(site: TestSite, resourceId: string, from: string, to: string): Promise<string[]> {
  const slots = await slotsOn(site, resourceId, from, to);
  return [...new Set(slots.map(({ serviceDate }) => serviceDate))];
}

describe('the official calendar of 2026', () => {
  test.each([
    ['2026-01-04', ['2026-01-01', '2026-01-02', '2026-01-03']],
    ['2026-02-14', ['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20', '2026-02-23']],
    ['2026-02-28', ['2026-03-01']],
    ['2026-05-09', ['2026-05-01', '2026-05-04', '2026-05-05', '2026-05-10']],
    ['2026-09-20', ['2026-09-25', '2026-09-19']],
    ['2026-10-10', ['2026-10-01', '2026-10-05', '2026-10-06', '2026-10-07', '2026-10-11']],
  ])('on the make-up day %s buses and canteens run, on %j they do not', async (makeUpDay, daysOff) => {
    const site = await aSite([aRun(), ...aCanteen(), aLot({ id: 'qinzhou-north-night' })], {
      now: `${makeUpDay}T06:00:00+08:00`,
    });
    const [from, to] = [plusDays(makeUpDay, -1), plusDays(makeUpDay, 30)];
    for (const resourceId of ['run-2', 'innovation']) {
      const dates = await datesOf(site, resourceId, from, to);
      expect(dates).toContain(makeUpDay);
      expect(dates.filter((date) => daysOff.includes(date))).toEqual([]);
    }
    const seat = await (await site.person(anEmployee())).post('/bookings', aRide({ serviceDate: makeUpDay }));
    expect(seat.status, JSON.stringify(seat.body)).toBe(201);
    expect(seat.body.provisional).toBe(false);
    // A street sign that says Monday to Friday means it; at night it is open on every day.
    expect(await datesOf(site, 'qinzhou-north-night', from, to)).toEqual(datesBetween(from, to));
  });

  test('a car parked before National Day may stay until the morning after it', async () => {
    const site = await aSite([aLot()], { now: '2026-09-30T17:00:00+08:00' });
    const eve = await slotOn(site, 'guangqi-night', '2026-09-30');
    expect(eve).toMatchObject({ startsAt: '2026-09-30T18:30:00+08:00', leaveBy: '2026-10-08T08:00:00+08:00' });
    const run = await slotsOn(site, 'guangqi-night', '2026-09-30', '2026-10-07');
    const resident = await site.person(aResident());
    const stay = { kind: 'parking', slotIds: run.map(({ id }) => id), vehicleId: resident.vehicleIds[0] };
    const booked = await resident.post('/bookings', stay);
    expect(booked.body.details.leaveBy).toBe('2026-10-08T08:00:00+08:00');
    // The run joins without a gap: one stay, one claim.
    expect((await site.rows())['claim']).toBe(1);
  });

  test('is listed day by day, with names in both languages', async () => {
    const site = await aSite([], { now: '2026-09-18T09:00:00+08:00' });
    const { items } = (await site.get('/calendar/days?from=2026-09-19&to=2026-09-26')).body;
    expect(items.map(({ kind }: { kind: string }) => kind).join(' ')).toBe(
      'off workday workday workday workday workday off off',
    );
    expect(items[1]).toEqual({
      date: '2026-09-20',
      kind: 'workday',
      name: { zh: '国庆节调休', en: 'National Day make-up' },
      status: 'published',
    });
    expect((await site.get('/calendar/days')).body.items).toHaveLength(31);
    expect((await site.get('/calendar/days?from=2026-01-01&to=2027-01-02')).body.items).toHaveLength(367);
  });
});

describe('a year without a published calendar', () => {
  test('marks its slots and its bookings as provisional, and says so of its days', async () => {
    const site = await aSite([aRun(), aLot(), aLot({ id: 'qinzhou-north-night' })], {
      now: '2026-12-28T09:00:00+08:00',
    });
    expect((await slotOn(site, 'run-2', '2026-12-31')).provisional).toBe(false);
    expect((await slotOn(site, 'run-2', '2027-01-04')).provisional).toBe(true);
    // The night of 31 December ends on a day that may still become a day off or not.
    expect((await slotOn(site, 'guangqi-night', '2026-12-30')).provisional).toBe(false);
    expect((await slotOn(site, 'guangqi-night', '2026-12-31')).provisional).toBe(true);
    // Monday to Friday is not up to the State Council.
    expect((await slotOn(site, 'qinzhou-north-night', '2027-01-04')).provisional).toBe(false);
    const rider = await site.person(anEmployee());
    expect((await rider.post('/bookings', aRide({ serviceDate: '2027-01-04' }))).body.provisional).toBe(true);
    expect((await rider.post('/bookings', aRide({ serviceDate: '2026-12-31' }))).body.provisional).toBe(false);
    const { items } = (await site.get('/calendar/days?from=2026-12-31&to=2027-01-02')).body;
    expect(items.map(({ status }: { status: string }) => status)).toEqual(['published', 'provisional', 'provisional']);
  });
});

describe('summer classes', () => {
  test('are those of the next summer and open for enrolment, whatever today is', async () => {
    const days = fc.integer({ min: 0, max: 5 * 365 }).map((count) => plusDays('2026-01-01', count));
    // The days on which a summer begins and ends are worth a look in each year.
    const edges = [
      '2026-07-26',
      '2026-07-27',
      '2027-06-30',
      '2027-07-26',
      '2027-07-27',
      '2028-07-24',
      '2029-07-23',
      '2030-12-31',
    ];
    const times = fc.constantFrom('00:00:00', '08:29:59', '08:30:00', '23:59:59');
    await fc.assert(
      fc.asyncProperty(fc.oneof(days, fc.constantFrom(...edges)), times, async (today, time) => {
        const site = await aSite([aClass()], { now: `${today}T${time}+08:00` });
        const now = site.clock.now();
        const slots = await slotsOn(site, 'summer-1-a', today, plusDays(today, 400));
        const open = slots.filter(({ state }) => state === 'open');
        expect(open.length, `${today} ${time}`).toBeGreaterThanOrEqual(1);
        for (const { startsAt, opensAt, serviceDate } of open) {
          expect(parseInstant(startsAt)).toBeGreaterThan(now);
          expect(parseInstant(opensAt)).toBeLessThanOrEqual(now);
          expect(serviceDate).toMatch(/-0[78]-/);
        }
        // Nothing is left out before what is there: the first open one begins within a year and a week.
        expect(open[0]!.serviceDate < plusDays(today, 372)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('of the year after are there when the last session of this one begins, while the server runs', async () => {
    const site = await aSite([aClass()], { now: '2027-05-31T12:00:00+08:00' });
    for (const date of datesBetween('2027-06-01', '2027-08-05')) {
      site.clock.set(`${date}T12:00:00+08:00`);
      await site.topUp();
      const open = (await slotsOn(site, 'summer-1-a', date, plusDays(date, 400))).filter(
        ({ state }) => state === 'open',
      );
      expect(open.length, date).toBeGreaterThan(0);
    }
  });

  test('can be enrolled in on the last day of the old summer and on the first of the new year', async () => {
    for (const now of ['2027-08-13T17:00:00+08:00', '2028-01-01T00:00:00+08:00']) {
      const site = await aSite([aClass()], { now });
      const parent = await site.person(aParent(3));
      const [session] = await slotsOn(site, 'summer-1-a', '2028-07-01', '2028-08-31');
      const booked = await parent.post('/bookings', {
        kind: 'childcare',
        slotId: session?.id,
        childId: parent.childIds[0],
      });
      expect([booked.status, booked.body.startsAt]).toEqual([201, '2028-07-03T08:30:00+08:00']);
    }
  });
});

describe('slots are topped up', () => {
  const count = async (site: TestSite) => (await site.rows())['slot']!;

  test('to the end of next month and at least 35 days ahead, from yesterday', async () => {
    for (const [now, last] of [
      ['2026-11-01T00:00:00+08:00', '2026-12-31'],
      ['2026-11-30T23:59:00+08:00', '2027-01-04'],
      ['2027-01-31T12:00:00+08:00', '2027-03-07'],
    ] as const) {
      const site = await aSite([aLot({ id: 'qinzhou-north-night' })], { now });
      const dates = await datesOf(site, 'qinzhou-north-night', '2026-10-01', '2027-10-01');
      expect([dates[0], dates.at(-1)]).toEqual([plusDays(now.slice(0, 10), -1), last]);
    }
  });

  test('once: a second time nothing is made', async () => {
    const site = await aSite([aRun(), aLot(), ...aCanteen(), aClass()]);
    const before = await count(site);
    expect(await site.topUp()).toBe(0);
    const others = await Promise.all(
      [1, 2].map(async () => topUpSlots(site.db, await site.surroundings(), site.clock.now())),
    );
    expect([...others, await count(site)]).toEqual([0, 0, before]);
  });

  test('as the clock moves on by a month, back, and far ahead; every time without a gap and without a double', async () => {
    const site = await aSite([aRun(), aClass(), aLot({ id: 'qinzhou-north-night' })]);
    for (const now of [
      '2026-12-24T09:00:00+08:00',
      '2026-11-23T09:00:00+08:00',
      '2029-03-01T09:00:00+08:00',
      '2026-08-01T09:00:00+08:00',
      '2027-02-10T09:00:00+08:00',
    ]) {
      site.clock.set(now);
      await site.topUp();
      expect(await site.topUp(), now).toBe(0);
      const [from, to] = [plusDays(now.slice(0, 10), -1), plusDays(now.slice(0, 10), 35)];
      expect(await datesOf(site, 'qinzhou-north-night', from, to), now).toEqual(datesBetween(from, to));
      const perDate = Map.groupBy(await slotsOn(site, 'run-2', from, to), ({ serviceDate }) => serviceDate);
      expect([...new Set([...perDate.values()].map(({ length }) => length))], now).toEqual([6]);
    }
  });

  test('without touching what was changed or booked', async () => {
    const site = await aSite([aRun({ seats: 3 })]);
    await (await site.person(anEmployee())).post('/bookings', aRide());
    await site.db.query(`UPDATE slot SET capacity = 9 WHERE site_id = $1 AND service_date = '2026-11-25'`, [site.id]);
    site.clock.set('2026-12-24T09:00:00+08:00');
    await site.topUp();
    site.clock.set('2026-11-23T09:00:00+08:00');
    await site.db.query('UPDATE schedule SET published_from = NULL, published_to = NULL WHERE site_id = $1', [site.id]);
    await site.topUp();
    expect((await slotOn(site, 'run-2', '2026-11-24')).remaining).toBe(2);
    expect((await slotOn(site, 'run-2', '2026-11-25')).capacity).toBe(9);
  });
});

test('the clock of the site moves what is open, and what the API says is now', async () => {
  const site = await aSite([aRun()]);
  const rider = await site.person(anEmployee());
  expect(problemOf(await rider.post('/bookings', aRide({ serviceDate: '2026-12-02' })))).toBe('rule: not-yet-open');
  site.clock.set('2026-11-25T00:00:00+08:00');
  expect((await slotOn(site, 'run-2', '2026-12-02')).state).toBe('open');
  expect((await site.get('/site')).body.now).toBe(toText(site.clock.now(), zone));
  expect((await rider.post('/bookings', aRide({ serviceDate: '2026-12-02' }))).body.createdAt).toBe(
    '2026-11-25T00:00:00+08:00',
  );
});
