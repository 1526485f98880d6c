import { createSessions } from '../api/people/sessions.ts';
import type { Db } from '../db/db.ts';
import { siteRow } from '../db/seed/caohejing.ts';
import { benchNow, secret } from './settings.ts';

/** Somebody who is signed in. */
export type Rider = { personId: string; token: string };

/** Makes employees who are signed in, set-wise. */
export async function makeRiders(db: Db, count: number): Promise<Rider[]> {
  const rows = await db.query<{ personId: string; sessionId: string }>(
    `WITH made AS (
       INSERT INTO person (site_id, id, phone, name, created_at)
       SELECT $1, gen_random_uuid(), '+86199' || lpad(n::text, 8, '0'), '乘客' || n, to_timestamp($3)
       FROM generate_series(1, $2::int) n RETURNING id)
     , roles AS (
       INSERT INTO person_role (site_id, person_id, role, organisation_id)
       SELECT $1, id, 'employee', 'demo-games' FROM made)
     INSERT INTO session (site_id, id, person_id, created_at, expires_at)
     SELECT $1, gen_random_uuid(), id, to_timestamp($3), to_timestamp($3) + interval '30 days' FROM made
     RETURNING person_id AS "personId", id AS "sessionId"`,
    [siteRow.id, count, benchNow / 1000],
  );
  const sessions = createSessions(secret);
  const expiresAt = benchNow + 30 * 86_400_000;
  return Promise.all(
    rows.map(async ({ personId, sessionId }) => ({
      personId,
      token: await sessions.tokenOf({ siteId: siteRow.id, sessionId, expiresAt }),
    })),
  );
}
