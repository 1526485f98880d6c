import { describe, expect, test } from 'vitest';
import { broken, day, useFullRun } from '../support/full-run.ts';
import { problemOf, type AnyBody } from '../support/call.ts';
import { anEmployee, staff } from '../support/person.ts';
import { aRide, remainingOn, slotOn } from '../support/slots.ts';

const scene = useFullRun();

describe('closed', () => {
  const close = (more: object = {}) =>
    scene.dispatcher.post('/capacity-changes', {
      ...{ resourceId: 'run-2', from: day, to: day, closed: true, reason: '道路施工' },
      ...more,
    });

  test('with people on it is refused, or displaces all of them; nothing can be booked, and the reason is shown', async () => {
    expect(problemOf(await close())).toBe('below-booked');
    const made = await close({ onExcess: 'displace' });
    expect(made.body.displaced).toHaveLength(3);
    expect(made.body.changes[0]).toMatchObject({ before: 3, after: 3, closedBefore: false, closedAfter: true });
    expect(await slotOn(scene.site, 'run-2', day)).toMatchObject({ state: 'closed', closedReason: '道路施工' });
    const late = await (await scene.site.person(anEmployee())).post('/bookings', aRide());
    expect(problemOf(late)).toBe('rule: slot-closed');
    expect(await broken(scene.site)).toEqual([]);
  });

  test('and reopened, it serves who waited all the while', async () => {
    const waiter = await scene.site.person(anEmployee());
    const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
    await close({ onExcess: 'displace' });
    expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('waiting');
    const reopened = await close({ closed: false, reason: '恢复通行' });
    expect(reopened.body.promoted.map(({ waitlistId }: AnyBody) => waitlistId)).toEqual([id]);
    expect(await slotOn(scene.site, 'run-2', day)).toMatchObject({ state: 'open', closedReason: null });
    const types = await scene.site.db.query<{ type: string; count: number }>(
      `SELECT type, count(*)::int AS count FROM event WHERE site_id = $1 AND type LIKE 'slot.%' AND type <> 'slot.published' GROUP BY type ORDER BY type`,
      [scene.site.id],
    );
    expect(types).toEqual([
      { type: 'slot.closed', count: 6 },
      { type: 'slot.reopened', count: 6 },
    ]);
    expect(await broken(scene.site)).toEqual([]);
  });

  test('a change of nothing is turned down', async () => {
    const nothing = await scene.dispatcher.post('/capacity-changes', {
      ...{ resourceId: 'run-2', from: day, to: day, reason: '检修' },
    });
    expect(problemOf(nothing)).toBe('validation');
  });
});

describe('undone', () => {
  const undo = (id: string, more: object = {}) => scene.dispatcher.post(`/capacity-changes/${id}/undo`, more);

  test('gives everybody their seat back who has not taken another, and says who has', async () => {
    const { changeId, displaced } = (await scene.cut(1)).body;
    await scene.riders[2]!.post(`/waitlist/${displaced[0].alternative.waitlistId}/accept`, {});
    const before = await scene.site.rows();
    const planned = await undo(changeId, { dryRun: true });
    expect(await scene.site.rows()).toEqual(before);
    const undone = await undo(changeId, { reason: '检修提前完成' });
    expect(undone.body).toEqual({ ...planned.body, applied: true, changeId: expect.any(String) });
    expect(undone.body.restored.map(({ bookingId }: AnyBody) => bookingId)).toEqual([scene.bookings[1].id]);
    expect(undone.body.notRestored).toMatchObject([{ bookingId: scene.bookings[2].id, why: 'accepted-alternative' }]);
    expect([(await scene.stateOf(1)).state, (await scene.stateOf(2)).state]).toEqual(['confirmed', 'displaced']);
    expect(await remainingOn(scene.site, 'run-2', day)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await remainingOn(scene.site, 'run-3', day), 'what was held for the restored one is free').toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
    expect(await broken(scene.site)).toEqual([]);
  });

  test.each([0, 2])(
    'takes back what was offered instead, also if it had to give way meanwhile and there are %i seats of it by now',
    async (seats) => {
      const { changeId, displaced } = (await scene.cut(2)).body;
      await scene.cut(0, { resourceId: 'run-3' });
      await scene.cut(seats, { resourceId: 'run-3' });
      const undone = await undo(changeId);
      expect(undone.body).toMatchObject({ restored: [{ bookingId: scene.bookings[2].id }], notRestored: [] });
      const place = await scene.riders[2]!.get(`/waitlist/${displaced[0].alternative.waitlistId}`);
      expect(place.body.state).toBe('withdrawn');
      expect(await remainingOn(scene.site, 'run-3', day)).toEqual([seats, seats, seats, seats, seats, seats]);
      expect(await broken(scene.site)).toEqual([]);
    },
  );

  test('restores before it serves those who wait', async () => {
    const { changeId } = (await scene.cut(2)).body;
    const waiter = await scene.site.person(anEmployee());
    const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
    const undone = await undo(changeId);
    expect(undone.body).toMatchObject({ restored: [{ bookingId: scene.bookings[2].id }], promoted: [] });
    expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('waiting');
  });

  test('is refused once what was added is booked, with the numbers; nothing changes', async () => {
    const { changeId } = (await scene.cut(5)).body;
    for (let count = 0; count < 2; count++) await (await scene.site.person(anEmployee())).post('/bookings', aRide());
    const before = await scene.site.rows();
    const refused = await undo(changeId);
    expect([refused.status, problemOf(refused)]).toEqual([409, 'below-booked']);
    expect(refused.body.changes[0]).toMatchObject({ booked: 5, after: 3, excess: 2 });
    expect(await scene.site.rows()).toEqual(before);
  });

  test('is refused when it was undone, or changed again; the later change can be undone, then this one', async () => {
    const first = (await scene.cut(5)).body.changeId;
    const second = (await scene.cut(6)).body.changeId;
    expect(problemOf(await undo(first))).toBe('rule: changed-since');
    expect((await undo(second)).status).toBe(200);
    expect(problemOf(await undo(second))).toBe('rule: already-undone');
    expect((await undo(first)).status).toBe(200);
    expect(await remainingOn(scene.site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('is refused when all of it is over', async () => {
    const { changeId } = (await scene.cut(5)).body;
    scene.site.clock.set('2026-11-25T09:00:00+08:00');
    expect(problemOf(await undo(changeId))).toBe('rule: slot-over');
  });

  test('of a closing opens it again', async () => {
    const closed = await scene.dispatcher.post('/capacity-changes', {
      ...{ resourceId: 'run-2', from: day, to: day, closed: true, reason: '道路施工', onExcess: 'displace' },
    });
    const undone = await undo(closed.body.changeId);
    expect(undone.body.restored).toHaveLength(3);
    expect(await slotOn(scene.site, 'run-2', day)).toMatchObject({ state: 'full', closedReason: null });
    expect(await broken(scene.site)).toEqual([]);
  });

  test('by somebody who does not manage it is not found', async () => {
    const { changeId } = (await scene.cut(5)).body;
    for (const nosy of [await scene.site.person(staff('provider')), scene.riders[0]!]) {
      expect((await nosy.post(`/capacity-changes/${changeId}/undo`, {})).status).toBe(404);
      expect((await nosy.get(`/capacity-changes/${changeId}`)).status).toBe(404);
      expect((await nosy.get('/capacity-changes?resourceId=run-2')).status).toBe(404);
    }
  });
});

test('every change is kept, newest first, with actor, reason, before and after, and its receipt', async () => {
  const first = (await scene.cut(5, { reason: '加车' })).body.changeId;
  const second = (await scene.cut(2)).body.changeId;
  await scene.dispatcher.post(`/capacity-changes/${second}/undo`, { reason: '弄错了' });
  const page = await scene.dispatcher.get('/capacity-changes?resourceId=run-2&limit=2');
  const rest = await scene.dispatcher.get(
    `/capacity-changes?resourceId=run-2&limit=2&cursor=${encodeURIComponent(page.body.nextCursor)}`,
  );
  expect([...page.body.items, ...rest.body.items]).toMatchObject([
    { reason: '弄错了', undoes: second, undoneBy: null, before: { least: 2, most: 2 }, after: { least: 5, most: 5 } },
    { id: second, reason: '车辆检修', displaced: 1, withAlternative: 1, slots: 6, undoneBy: expect.any(String) },
    { id: first, actor: { role: 'dispatcher', person: { name: '工**' } }, undoneBy: null },
  ]);
  expect(rest.body.nextCursor).toBeNull();
  const { receipt } = (await scene.dispatcher.get(`/capacity-changes/${second}`)).body;
  expect(receipt.displaced).toMatchObject([{ bookingId: scene.bookings[2].id, position: 1, of: 3 }]);
  expect(receipt.changes).toHaveLength(6);
});
