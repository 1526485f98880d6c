import { beforeEach, describe, expect, test } from 'vitest';
import { slotsById } from '../../api/engine/find-slots.ts';
import { renewSlots } from '../../api/engine/renew-slots.ts';
import type { Slot } from '../../api/engine/types.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { aResident } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

const night = 'guangqi-night';
let site: TestSite;
beforeEach(async () => void (site = await aSite([aLot({ spaces: 1 })])));

const slotOf = async (date: string): Promise<Slot> => {
  const [slot] = await slotsById(site.db, site.id, [Number((await slotOn(site, night, date)).id)]);
  return slot!;
};

async function renew(dates: readonly string[]): Promise<number[]> {
  const renewals = await Promise.all(
    dates.map(async (date) => {
      const slot = await slotOf(date);
      return { slot, draft: { ...slot, startsAt: slot.startsAt + 3_600_000, priceFen: 900 } };
    }),
  );
  const change = { siteId: site.id, actorId: crypto.randomUUID(), at: site.clock.now(), reason: '商定' };
  return site.db.transaction((tx) => renewSlots(tx, change, renewals));
}

const book = async (date: string, more: object = {}) => {
  const driver = await site.person(aResident());
  const { id } = await slotOn(site, night, date);
  return driver.post('/bookings', { kind: 'parking', slotIds: [id], vehicleId: driver.vehicleIds[0], ...more });
};

describe('slots that get new terms', () => {
  test('keep their capacity and state, count as edited, and have an event that says what changed', async () => {
    const before = await slotOf('2026-11-24');
    expect(await renew(['2026-11-24'])).toEqual([before.id]);
    const after = await slotOf('2026-11-24');
    expect(after).toEqual({
      ...before,
      startsAt: before.startsAt + 3_600_000,
      priceFen: 900,
      version: before.version + 1,
    });
    const events = await site.db.query(`SELECT facts FROM event WHERE site_id = $1 AND type = 'slot.renewed'`, [
      site.id,
    ]);
    expect(events).toEqual([
      {
        facts: {
          reason: '商定',
          before: { startsAt: '2026-11-24T10:30:00.000Z', endsAt: '2026-11-25T00:00:00.000Z', priceFen: 1_500 },
          after: { startsAt: '2026-11-24T11:30:00.000Z', endsAt: '2026-11-25T00:00:00.000Z', priceFen: 900 },
        },
      },
    ]);
    await expectInvariants(site.db);
  });

  test('are those that nobody has and nobody waits for; the others are left as they are', async () => {
    await book('2026-11-24');
    await book('2026-11-25');
    expect((await book('2026-11-25', { joinWaitlist: true })).status).toBe(202);
    const [booked, free] = [await slotOf('2026-11-24'), await slotOf('2026-11-26')];
    expect(await renew(['2026-11-24', '2026-11-25', '2026-11-26'])).toEqual([free.id]);
    expect(await slotOf('2026-11-24')).toEqual(booked);
  });

  test('are booked under their new terms by whoever has read the old ones', async () => {
    await book('2026-11-27');
    await renew(['2026-11-24']);
    const booking = await book('2026-11-24');
    expect(booking.body).toMatchObject({ state: 'confirmed', startsAt: '2026-11-24T19:30:00+08:00', priceFen: 900 });
  });

  test('may have been closed and cut before, which the doctor still understands', async () => {
    const administrator = await site.person({ roles: [{ role: 'site-administrator', organisationId: null }] });
    const dates = { resourceId: night, from: '2026-11-24', to: '2026-11-24', reason: '检修' };
    await administrator.post('/capacity-changes', { ...dates, capacity: 3 });
    await administrator.post('/capacity-changes', { ...dates, closed: true });
    await renew(['2026-11-24']);
    const cut = await administrator.post('/capacity-changes', { ...dates, capacity: 2 });
    expect(cut.body).toMatchObject({ changes: [{ before: 3, after: 2 }] });
    await expectInvariants(site.db);
  });
});
