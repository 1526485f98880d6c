import { beforeEach, describe, expect, test } from 'vitest';
import { plusDays } from '../../api/calendar/time.ts';
import { sweep } from '../../api/sweep.ts';
import type { Call } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn, slotsOn } from '../support/slots.ts';

const day = '2026-11-24';

describe('a list of slots that is kept shows at once', () => {
  let site: TestSite;
  let rider: Person & Call;
  let dispatcher: Person & Call;
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 3 })]);
    rider = await site.person(anEmployee());
    dispatcher = await site.person(staff('dispatcher'));
    // Kept from here on.
    await remaining();
  });
  const remaining = () => remainingOn(site, 'run-2', day);
  const change = (more: object) =>
    dispatcher.post('/capacity-changes', { resourceId: 'run-2', from: day, to: day, reason: '检修', ...more });
  const first = () => slotOn(site, 'run-2', day);

  test('a booking, and its cancellation', async () => {
    const { body } = await rider.post('/bookings', aRide({ alightStopId: 'hq' }));
    expect(await remaining()).toEqual([2, 2, 3, 3, 3, 3]);
    await rider.post(`/bookings/${body.id}/cancel`, {});
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('a seat held for the head of the queue, and given back when the offer lapses', async () => {
    const { body } = await rider.post('/bookings', aRide({ seats: 3 }));
    const next = await site.person(anEmployee());
    expect((await next.post('/bookings', aRide({ joinWaitlist: true }))).status).toBe(202);
    expect(await remaining()).toEqual([0, 0, 0, 0, 0, 0]);
    await rider.post(`/bookings/${body.id}/cancel`, {});
    expect(await remaining()).toEqual([2, 2, 2, 2, 2, 2]);
    site.clock.set('2026-11-23T12:00:00+08:00');
    await sweep(site.db, site.clock, site.code);
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('another capacity, and its undoing', async () => {
    const { body } = await change({ capacity: 9 });
    expect(await remaining()).toEqual([9, 9, 9, 9, 9, 9]);
    await dispatcher.post(`/capacity-changes/${body.changeId}/undo`, { reason: '检修提前完成' });
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('a closing with its reason, and the reopening', async () => {
    await change({ closed: true, reason: '停运' });
    expect(await first()).toMatchObject({ state: 'closed', closedReason: '停运' });
    await change({ closed: true, reason: '道路施工' });
    expect(await first()).toMatchObject({ state: 'closed', closedReason: '道路施工' });
    await change({ closed: false });
    expect(await first()).toMatchObject({ state: 'open', closedReason: null });
  });

  test('somebody displaced, and restored', async () => {
    await rider.post('/bookings', aRide({ seats: 3 }));
    expect(await remaining()).toEqual([0, 0, 0, 0, 0, 0]);
    const { body } = await change({ closed: true, onExcess: 'displace' });
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
    await dispatcher.post(`/capacity-changes/${body.changeId}/undo`, { reason: '检修提前完成' });
    expect(await remaining()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('slots that are published, in lists that hold some already and in empty ones', async () => {
    const [row] = await site.db.query<{ last: string }>(
      'SELECT max(service_date) AS last FROM slot WHERE site_id = $1',
      [site.id],
    );
    const last = row?.last ?? '';
    const [next, end] = [plusDays(last, 1), plusDays(last, 7)];
    const counts = async () => [
      (await slotsOn(site, 'run-2', last, end)).length,
      (await slotsOn(site, 'run-2', next, end)).length,
    ];
    expect(await counts()).toEqual([6, 0]);
    site.clock.advance(7 * 24 * 3600);
    site.forgetSurroundings();
    await sweep(site.db, site.clock, site.code);
    const [withLast = 0, without = 0] = await counts();
    expect(without).toBeGreaterThan(0);
    expect(withLast).toBe(without + 6);
  });
});

test('every slot that is published leaves an event', async () => {
  const site = await aSite([aRun()]);
  const [row] = await site.db.query<{ slots: number; told: number }>(
    `SELECT (SELECT count(*)::int FROM slot WHERE site_id = $1) AS slots,
       (SELECT count(DISTINCT slot_id)::int FROM event WHERE site_id = $1 AND type = 'slot.published') AS told`,
    [site.id],
  );
  expect(row?.told).toBe(row?.slots);
  expect(row?.told).toBeGreaterThan(0);
});
