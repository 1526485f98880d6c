import { expect } from 'vitest';
import { siteRow } from '../../db/seed/caohejing.ts';
import { employeeIds, employees, race, signIn, type Process } from './racing.ts';

/** Without a 7: a 1 that is read for one must not name another car. */
export const plateOf = (car: number): string => `沪B${car.toString(7).padStart(5, '0')}`;

/** Makes a lot of so many spaces, each taken on all of some dates by a resident with a car of their own. */
export async function bookCars(process: Process, cars: number, dates: readonly string[]): Promise<void> {
  const { db, call } = process;
  const people = employeeIds(cars);
  await db.query(`UPDATE slot SET capacity = ${cars} WHERE resource_id = 'guangqi-night'`);
  await db.query(
    `INSERT INTO person_role (site_id, person_id, role, organisation_id)
     SELECT $1, id, 'resident', 'hongxing' FROM unnest($2::uuid[]) AS p(id)`,
    [siteRow.id, people],
  );
  await db.query(
    `INSERT INTO vehicle (site_id, id, person_id, plate, plate_class, verified_at)
     SELECT $1, id, id, plate, 'ordinary', now() FROM unnest($2::uuid[], $3::text[]) AS p(id, plate)`,
    [siteRow.id, people, people.map((_id, car) => plateOf(car))],
  );
  const slots = await db.query<{ id: number }>(
    `SELECT id FROM slot WHERE resource_id = 'guangqi-night' AND service_date = ANY($1::date[])`,
    [dates],
  );
  const slotIds = slots.map(({ id }) => String(id));
  const tokens = await signIn(process, employees(cars));
  const answers = await race([process], tokens, (_process, token) =>
    call('/bookings', { token, body: { kind: 'parking', slotIds, vehicleId: people[tokens.indexOf(token)] } }),
  );
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  // As a database that has been in use for a while.
  await db.query('ANALYZE');
}
