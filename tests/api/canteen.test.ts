import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen } from '../support/offers.ts';
import { anEmployee, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { remainingOn, slotsOn } from '../support/slots.ts';

const today = '2026-11-23';
const everyDay = 'innovation-hongshao';
const mondays = 'innovation-qingzhengyu';

describe('lunch in a canteen of 2 meals a window and 3 portions a dish', () => {
  let site: TestSite;
  let eater: Person & Call;
  let windows: string[];
  beforeEach(async () => {
    site = await aSite(aCanteen({ perWindow: 2, portions: 3 }));
    eater = await site.person(anEmployee());
    windows = (await slotsOn(site, 'innovation', today)).map(({ id }) => id);
  });
  const someone = () => site.person(anEmployee());
  const order = (items: [string, number][], slotId = windows[0]) => ({
    kind: 'canteen',
    slotId,
    items: items.map(([dishId, quantity]) => ({ dishId, quantity })),
  });
  const portionsLeft = async (dishId: string, slotId = windows[0]) => {
    const { body } = await eater.get<{ items: { id: string; portionsLeft: number }[] }>(`/menus?slotId=${slotId}`);
    return body.items.find(({ id }) => id === dishId)?.portionsLeft;
  };

  test('takes a place in the window and its portions, and gives exactly them back', async () => {
    expect(windows).toHaveLength(9);
    const booked = await eater.post(
      '/bookings',
      order([
        [everyDay, 2],
        [mondays, 1],
      ]),
    );
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({
      kind: 'canteen',
      startsAt: `${today}T11:00:00+08:00`,
      endsAt: `${today}T11:15:00+08:00`,
      cancellableUntil: `${today}T10:00:00+08:00`,
      priceFen: 9000,
      details: {
        items: [
          { dishId: everyDay, quantity: 2, priceFen: 3000 },
          { dishId: mondays, quantity: 1, priceFen: 3000 },
        ],
      },
    });
    expect((await eater.get('/bookings')).body.items).toEqual([booked.body]);
    expect((await remainingOn(site, 'innovation', today))[0]).toBe(1);
    expect([await portionsLeft(everyDay), await portionsLeft(mondays)]).toEqual([1, 2]);
    await eater.post(`/bookings/${booked.body.id}/cancel`, {});
    expect(await remainingOn(site, 'innovation', today)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect([await portionsLeft(everyDay), await portionsLeft(mondays)]).toEqual([3, 3]);
  });

  test('is refused when the window is full, and when a dish has run out', async () => {
    for (let meal = 1; meal <= 2; meal++) await (await someone()).post('/bookings', order([[everyDay, 1]]));
    const full = await eater.post('/bookings', order([[mondays, 1]]));
    expect([full.status, problemOf(full), full.body.slotId]).toEqual([409, 'slot-full', windows[0]]);
    const rows = await site.rows();
    const out = await eater.post(
      '/bookings',
      order(
        [
          [mondays, 1],
          [everyDay, 2],
        ],
        windows[1],
      ),
    );
    expect([out.status, problemOf(out)]).toEqual([409, 'slot-full']);
    expect(out.body.slotId).not.toBe(windows[1]);
    expect(await site.rows()).toEqual(rows);
    expect((await eater.post('/bookings', order([[everyDay, 1]], windows[1]))).status).toBe(201);
  });

  test('counts a dish that is named twice twice', async () => {
    const booked = await eater.post(
      '/bookings',
      order([
        [everyDay, 1],
        [everyDay, 2],
      ]),
    );
    expect([booked.status, booked.body.priceFen]).toEqual([201, 9000]);
    expect(await portionsLeft(everyDay)).toBe(0);
    const tooMany = await (
      await someone()
    ).post(
      '/bookings',
      order([
        [mondays, 2],
        [mondays, 2],
      ]),
    );
    expect(problemOf(tooMany)).toBe('slot-full');
  });

  test('twice in one window is refused, naming the own order; in another window it is not', async () => {
    const first = await eater.post('/bookings', order([[everyDay, 1]]));
    const again = await eater.post('/bookings', order([[mondays, 1]]));
    expect([problemOf(again), again.body.bookingId]).toEqual(['overlap', first.body.id]);
    expect((await eater.post('/bookings', order([[mondays, 1]], windows[1]))).status).toBe(201);
  });

  test("of a dish that is not on the day's menu is refused with the rule", async () => {
    site.clock.set('2026-11-24T09:00:00+08:00');
    const [tuesday] = await slotsOn(site, 'innovation', '2026-11-24');
    expect(await portionsLeft(mondays, tuesday?.id)).toBeUndefined();
    const refused = await eater.post('/bookings', order([[mondays, 1]], tuesday?.id));
    expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: dish-not-on-menu']);
  });

  test('is ordered from three the day before until ten on the day; then it can no more be cancelled', async () => {
    const [tuesday] = await slotsOn(site, 'innovation', '2026-11-24');
    const lunch = order([[everyDay, 1]], tuesday?.id);
    site.clock.set(`${today}T14:59:59+08:00`);
    expect(problemOf(await eater.post('/bookings', lunch))).toBe('rule: not-yet-open');
    expect((await eater.get(`/menus?slotId=${tuesday?.id}`)).body.items).toEqual([]);
    site.clock.set(`${today}T15:00:00+08:00`);
    expect((await eater.get(`/menus?slotId=${tuesday?.id}`)).body.items).not.toEqual([]);
    const booked = await eater.post('/bookings', lunch);
    expect(booked.status).toBe(201);
    site.clock.set('2026-11-24T10:00:00+08:00');
    expect(problemOf(await (await someone()).post('/bookings', lunch))).toBe('rule: booking-closed');
    expect(problemOf(await eater.post(`/bookings/${booked.body.id}/cancel`, {}))).toBe('rule: cancel-too-late');
  });
});
