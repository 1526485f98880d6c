import type { Call } from './call.ts';
import type { Person } from './person.ts';
import type { TestSite } from './site.ts';
import { sweep } from '../../api/sweep.ts';

export const nightLot = 'guangqi-night';

/** A wish for December 2026 in Guangqi Park with the person's first car, unless said otherwise. */
export const aMonth = (person: Person, change: object = {}) => ({
  kind: 'parking',
  resourceId: nightLot,
  month: '2026-12',
  vehicleId: person.vehicleIds[0],
  ...change,
});

/** Books a month and answers with the booking; fails when it is refused. */
export async function holdMonth(person: Person & Call, change: object = {}) {
  const booked = await person.post('/bookings', aMonth(person, change));
  if (booked.status !== 201) throw new Error(`no month: ${JSON.stringify(booked.body)}`);
  return booked.body;
}

/** The slot of a booking's night. */
export function nightOf(booking: { lines: { slotId: string; serviceDate: string }[] }, date: string): string {
  const line = booking.lines.find(({ serviceDate }) => serviceDate === date);
  if (!line) throw new Error(`the booking has no night of ${date}`);
  return line.slotId;
}

/** Gives nights of a booking back. */
export const giveBack = (person: Call, bookingId: string, slotIds: readonly string[], headers = {}) =>
  person.post(`/parking/bookings/${bookingId}/release-nights`, { slotIds }, headers);

/** What a person has to spend with the lender of Guangqi Park. Fen. */
export async function creditOf(person: Call): Promise<number> {
  const { body } = await person.get('/parking/entitlements');
  return body.credit.find(({ lender }: { lender: string }) => lender === 'park')?.balanceFen ?? 0;
}

/** Lets time do its work, as the timer does. */
export const sweepSite = (site: TestSite) => sweep(site.db, site.clock, site.code);
