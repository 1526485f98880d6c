import type { Db } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';

/** Makes employees residents of Hongxing with a verified car each, and returns the cars' ids in their order. */
export async function giveCars(db: Db, personIds: readonly string[]): Promise<string[]> {
  await db.query(
    `INSERT INTO person_role (site_id, person_id, role, organisation_id)
     SELECT $1, id, 'resident', 'hongxing' FROM unnest($2::uuid[]) AS p(id)`,
    [siteRow.id, personIds],
  );
  const cars = await db.query<{ id: string }>(
    `INSERT INTO vehicle (site_id, id, person_id, plate, plate_class, verified_at)
     SELECT $1, gen_random_uuid(), id, '沪B' || lpad(number::text, 5, '0'), 'ordinary', now()
     FROM unnest($2::uuid[]) WITH ORDINALITY AS p(id, number) RETURNING id`,
    [siteRow.id, personIds],
  );
  return cars.map(({ id }) => id);
}
