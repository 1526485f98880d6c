import { expect } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { recordPresence } from '../../api/services/parking/gates/presence.ts';
import { sweep } from '../../api/sweep.ts';
import type { Call } from './call.ts';
import { aLot } from './offers.ts';
import { aResident, staff, type Person } from './person.ts';
import { aSite, type TestSite } from './site.ts';
import { slotOn } from './slots.ts';

/** Set anew by `setScene` for each test. */
export let site: TestSite;
export let driver: Person & Call;
export let provider: Person & Call;
export let administrator: Person & Call;

/** A lot and a street of the park unless others are given, a resident with a car, the lender, and an administrator. */
export async function setScene(lots = [aLot(), aLot({ id: 'qinzhou-north-night' })]): Promise<void> {
  site = await aSite(lots);
  driver = await site.person(aResident());
  provider = await site.person(staff('provider'));
  administrator = await site.person(staff('site-administrator', null));
}

export const at = (date: string, time: string) => `${date}T${time}:00+08:00`;
export const passTime = () => sweep(site.db, site.clock, site.code);

export async function aStay(dates: readonly string[], person = driver): Promise<string> {
  const slots = await Promise.all(dates.map((date) => slotOn(site, 'guangqi-night', date)));
  const wish = { kind: 'parking', slotIds: slots.map(({ id }) => id), vehicleId: person.vehicleIds[0] };
  const booked = await person.post('/bookings', wish);
  expect(booked.status).toBe(201);
  return booked.body.id;
}

/** What the gates came to: in since, and out or still inside. */
export function presence(bookingId: string, enteredAt: string, leftAt: string | null = null) {
  const inAt = parseInstant(enteredAt);
  return recordPresence(site.db, site.id, [
    {
      bookingId,
      lotId: 'guangqi',
      enteredAt: inAt,
      lastInAt: inAt,
      leftAt: leftAt === null ? null : parseInstant(leftAt),
      isInside: leftAt === null,
    },
  ]);
}

export const overstays = async (caller: Call = driver, query = '') =>
  (await caller.get(`/parking/overstays${query}`)).body.items;
export const managed = (query = '', caller: Call = provider) => overstays(caller, `?managed=true${query}`);
export const notices = async (kind: string, person: Call = driver) =>
  (await person.get('/notices')).body.items.filter((notice: { kind: string }) => notice.kind === kind);

/** One overstay of 45 minutes on the morning after a night, swept; its id. */
export async function anOverstay(night: string, morning: string, person = driver): Promise<string> {
  const bookingId = await aStay([night], person);
  await presence(bookingId, at(night, '19:00'), at(morning, '08:45'));
  site.clock.set(at(morning, '09:00'));
  await passTime();
  const found = (await overstays(person)).find((overstay: { bookingId: string }) => overstay.bookingId === bookingId);
  return found.id;
}
export const mornings = [
  ['2026-11-23', '2026-11-24'],
  ['2026-11-24', '2026-11-25'],
  ['2026-11-25', '2026-11-26'],
] as const;
export async function threeOverstays(): Promise<string[]> {
  const ids = [];
  for (const [night, morning] of mornings) ids.push(await anOverstay(night, morning));
  return ids;
}
export const bookAgain = async (person = driver, lot = 'guangqi-night') => {
  const slot = await slotOn(site, lot, '2026-12-02');
  return person.post('/bookings', { kind: 'parking', slotIds: [slot.id], vehicleId: person.vehicleIds[0] });
};
export const standing = async () => (await driver.get('/parking/standing')).body.items;
export const appeal = (id: string, person: Call = driver, text = '小区道路施工，出口堵了一小时') =>
  person.post(`/parking/overstays/${id}/appeal`, { text });
export const decide = (id: string, granted: boolean, by: Call = administrator, headers = {}) =>
  by.post(`/parking/overstays/${id}/decision`, { granted, reason: '已核实现场情况' }, headers);
export const waive = (id: string, by: Call = administrator, headers = {}) =>
  by.post(`/parking/overstays/${id}/waiver`, { reason: '暴雨，全场免除' }, headers);
