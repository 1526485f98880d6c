import { expect } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import type { Call } from './call.ts';
import { aRun } from './offers.ts';
import { anEmployee, staff, type Person } from './person.ts';
import { aSite, type TestSite } from './site.ts';

/** Set anew by `setScene` for each test: a run of few seats at 08:10, its dispatcher. */
export let site: TestSite;
export let dispatcher: Person & Call;
export const day = '2026-11-24';
/** The stops of the run inbound, in order; it leaves the first at 08:10 and passes one every few minutes. */
export const stops = ['metro-l9', 'innovation', 'hq', 'zhihui', 'xinhui', 'hongqin', 'guangqi'] as const;

export const at = (time: string, date = day) => `${date}T${time}+08:00`;
export const setNow = (time: string, date = day) => site.clock.set(at(time, date));
export const passTime = () => sweep(site.db, site.clock, site.code);

export async function setScene(seats = 2): Promise<void> {
  site = await aSite([aRun({ seats })]);
  dispatcher = await site.person(staff('dispatcher'));
}

export const aPerson = () => site.person(anEmployee());

export type Ride = { from: number; to: number; seats?: number; date?: string };

/** A ride from one stop to another, by their places in the run. */
export const rideFrom = ({ from, to, seats = 1, date = day }: Ride) => ({
  runId: 'run-2',
  serviceDate: date,
  boardStopId: stops[from],
  alightStopId: stops[to],
  seats,
});

/** Somebody new who books. @returns the person and the booking. */
export async function aRider(ride: Ride, more: object = {}): Promise<{ person: Person & Call; id: string }> {
  const person = await aPerson();
  const booked = await person.post('/bookings', { kind: 'shuttle', ...rideFrom(ride), ...more });
  expect(booked.status).toBe(201);
  return { person, id: booked.body.id };
}

export const standBy = (person: Call, ride: Ride) => person.post('/shuttle/standby', rideFrom(ride));

/** Somebody new who stands by. @returns the person and the id of their place. */
export async function aStandby(ride: Ride): Promise<{ person: Person & Call; id: string }> {
  const person = await aPerson();
  const joined = await standBy(person, ride);
  expect(joined.status).toBe(201);
  return { person, id: joined.body.id };
}

/** The person's latest place. */
export const placeOf = async ({ person }: { person: Call }) => (await person.get('/shuttle/standby')).body.items[0];
/** The states of the latest places of some, in order. */
export const statesOf = (people: readonly { person: Call }[]) =>
  Promise.all(people.map(async (one) => (await placeOf(one)).state));

let lastNonce = 0;
/** The pass of a booking as the scanner sees it at the clock's present: to be told of now or later. */
export async function seen({ person, id }: { person: Call; id: string }) {
  const code = (await person.get(`/bookings/${id}/pass`)).body.qr;
  return { code, at: new Date(site.clock.now()).toISOString(), nonce: `standby-${++lastNonce}` };
}
export const tell = (scanned: object) => dispatcher.post('/check-ins', scanned);
export const scan = async (rider: { person: Call; id: string }) => tell(await seen(rider));

export const stateOf = async ({ person, id }: { person: Call; id: string }) =>
  (await person.get(`/bookings/${id}`)).body.state;

/** Units taken of each leg, in order. */
export const takenOf = async (date = day) =>
  (
    await site.db.query<{ taken: number }>(
      `SELECT taken FROM slot WHERE site_id = $1 AND resource_id = 'run-2' AND service_date = $2 ORDER BY starts_at`,
      [site.id, date],
    )
  ).map(({ taken }) => taken);
