import { transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { amendDetails } from '../engine/amend-details.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import { maskPlate } from './plate.ts';

/** Where and when something of the people is done; `today` is the site's date. */
export type Here = { siteId: number; now: Instant; today: IsoDate };

export type Settled = { verified: number; unverified: number };

type Car = { id: string; personId: string; plate: string };

/**
 * Rows of the roster that hold for a car `v` of a person `p` today: of an organisation where the person is a resident, and with the
 * person's phone where they name one. Index: roster_vehicle_by_plate.
 */
const proof = `FROM roster_vehicle r JOIN person_role pr
    ON pr.site_id = r.site_id AND pr.person_id = p.id AND pr.role = 'resident' AND pr.organisation_id = r.organisation_id
  WHERE r.site_id = v.site_id AND r.plate = v.plate AND (r.phone IS NULL OR r.phone = p.phone)
    AND (r.valid_from IS NULL OR r.valid_from <= $3::date) AND (r.valid_to IS NULL OR r.valid_to >= $3::date)`;

/** Rosters and vehicles change one after the other on a site: a plate is verified for one car at a time. */
export async function lockRosters(tx: Db, siteId: number): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('rosters', $1))`, [siteId]);
}

/**
 * Brings vehicles into line with the rosters, for some plates: people whose phone a roster names become residents, cars that a roster proves
 * are verified, and those whose row is `lost` and that no other row proves are not any more. A car that was verified otherwise stays so.
 * Under `lockRosters`; set-wise, a few statements for any number of plates.
 */
export async function settleVehicles(
  tx: Db,
  here: Here,
  plates: { touched: readonly string[]; lost: readonly string[] },
): Promise<Settled> {
  if (plates.touched.length === 0) return { verified: 0, unverified: 0 };
  await makeResidents(tx, here, { plates: plates.touched });
  await keepAccess(tx, here.siteId, plates.lost);
  const unverified = await tx.query<{ id: string }>(
    `UPDATE vehicle v SET verified_at = NULL FROM person p
     WHERE v.site_id = $1 AND v.plate = ANY($2::text[]) AND v.verified_at IS NOT NULL AND v.removed_at IS NULL
       AND p.site_id = v.site_id AND p.id = v.person_id AND NOT EXISTS (SELECT 1 ${proof})
     RETURNING v.id`,
    [here.siteId, plates.lost, here.today],
  );
  const verified = await tx.query<Car>(
    `WITH proved AS (
       SELECT DISTINCT ON (v.plate) v.id
       FROM vehicle v JOIN person p ON p.site_id = v.site_id AND p.id = v.person_id
       CROSS JOIN LATERAL (SELECT bool_or(r.phone IS NOT NULL) AS by_phone ${proof}) proof
       WHERE v.site_id = $1 AND v.plate = ANY($2::text[]) AND v.removed_at IS NULL AND proof.by_phone IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM vehicle o WHERE o.site_id = $1 AND o.plate = v.plate AND o.verified_at IS NOT NULL)
       ORDER BY v.plate, NOT proof.by_phone, v.id)
     UPDATE vehicle v SET verified_at = $4 FROM proved WHERE v.site_id = $1 AND v.id = proved.id
     RETURNING v.id, v.person_id AS "personId", v.plate`,
    [here.siteId, plates.touched, here.today, toTimestamp(here.now)],
  );
  await givePlates(tx, here, verified);
  await tellEvents(tx, here, { 'vehicle.verified': verified, 'vehicle.unverified': unverified });
  return { verified: verified.length, unverified: unverified.length };
}

/** Who has proved a phone that a roster names is a resident of its organisation: residence is proved by the committee's roster. */
export async function makeResidents(
  tx: Db,
  here: Here,
  named: { plates: readonly string[] } | { phone: string },
): Promise<void> {
  const [condition, value] =
    'phone' in named ? ['r.phone = $2', named.phone] : ['r.plate = ANY($2::text[])', named.plates];
  await tx.query(
    // Phones first: right after an import nothing is known of how many rows there are, and people would be gone through for each.
    `WITH named AS MATERIALIZED (
       SELECT DISTINCT r.phone, r.organisation_id FROM roster_vehicle r
       WHERE r.site_id = $1 AND ${condition} AND r.phone IS NOT NULL
         AND (r.valid_from IS NULL OR r.valid_from <= $3::date) AND (r.valid_to IS NULL OR r.valid_to >= $3::date))
     INSERT INTO person_role (site_id, person_id, role, organisation_id)
     SELECT p.site_id, p.id, 'resident', n.organisation_id FROM named n JOIN person p ON p.site_id = $1 AND p.phone = n.phone
     ON CONFLICT DO NOTHING`,
    [here.siteId, value, here.today],
  );
}

/** Cars that were verified before plates were kept have opened gates with theirs since then: their bookings go on when they are not any more. */
export async function keepAccess(tx: Db, siteId: number, plates: readonly string[]): Promise<void> {
  if (plates.length === 0) return;
  await tx.query(
    `INSERT INTO vehicle_plate (site_id, vehicle_id, plate, valid_from)
     SELECT v.site_id, v.id, v.plate, v.verified_at FROM vehicle v
     WHERE v.site_id = $1 AND v.plate = ANY($2::text[]) AND v.verified_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM vehicle_plate s WHERE s.site_id = v.site_id AND s.vehicle_id = v.id)`,
    [siteId, plates],
  );
}

/** Settles the plates of rows whose validity began or ended in the last week, for the sweep. Index: roster_vehicle_beginning, _ending. */
export async function settleByDate(db: Db, here: Here): Promise<void> {
  await transactionWithRetry(db, async (tx) => {
    const due = await tx.query<{ plate: string; isOver: boolean }>(
      `SELECT plate, false AS "isOver" FROM roster_vehicle
       WHERE site_id = $1 AND valid_from BETWEEN $2::date - 7 AND $2::date
       UNION SELECT plate, true FROM roster_vehicle WHERE site_id = $1 AND valid_to BETWEEN $2::date - 7 AND $2::date - 1`,
      [here.siteId, here.today],
    );
    if (due.length === 0) return;
    await lockRosters(tx, here.siteId);
    const lost = due.filter(({ isOver }) => isOver).map(({ plate }) => plate);
    await settleVehicles(tx, here, { touched: due.map(({ plate }) => plate), lost });
  });
}

/** A verified plate opens gates from now on, in place of the one before; bookings that there are show it. */
async function givePlates(tx: Db, { siteId, now }: Here, cars: readonly Car[]): Promise<void> {
  if (cars.length === 0) return;
  const values = [siteId, cars.map(({ id }) => id), cars.map(({ plate }) => plate), toTimestamp(now)];
  const given = 'unnest($2::uuid[], $3::text[]) AS g(vehicle_id, plate)';
  // One that was given at this very instant was good for no time.
  await tx.query(
    `DELETE FROM vehicle_plate s USING ${given}
     WHERE s.site_id = $1 AND s.vehicle_id = g.vehicle_id AND s.plate <> g.plate AND s.valid_to IS NULL AND s.valid_from >= $4`,
    values,
  );
  await tx.query(
    `UPDATE vehicle_plate s SET valid_to = $4 FROM ${given}
     WHERE s.site_id = $1 AND s.vehicle_id = g.vehicle_id AND s.plate <> g.plate AND s.valid_to IS NULL`,
    values,
  );
  await tx.query(
    `INSERT INTO vehicle_plate (site_id, vehicle_id, plate, valid_from)
     SELECT $1, g.vehicle_id, g.plate, $4 FROM ${given}
     WHERE NOT EXISTS (SELECT 1 FROM vehicle_plate s WHERE s.site_id = $1 AND s.vehicle_id = g.vehicle_id AND s.valid_to IS NULL)
     ON CONFLICT (site_id, vehicle_id, valid_from) DO UPDATE SET plate = excluded.plate, valid_to = NULL`,
    values,
  );
  await amendDetails(
    tx,
    siteId,
    cars.map(({ id, personId, plate }) => ({
      claimantId: id,
      personId,
      details: { plateMasked: maskPlate(plate), plateWaiting: null },
    })),
  );
}

/** Leaves events for the audit: which vehicles, never their plates. */
async function tellEvents(
  tx: Db,
  { siteId, now }: Here,
  told: Record<string, readonly { id: string }[]>,
): Promise<void> {
  const events = Object.entries(told).flatMap(([type, cars]) => cars.map(({ id }) => ({ type, id })));
  if (events.length === 0) return;
  await tx.query(
    `INSERT INTO event (site_id, at, type, facts)
     SELECT $1, $2, e.type, jsonb_build_object('vehicleId', e.id) FROM unnest($3::text[], $4::text[]) AS e(type, id)`,
    [siteId, toTimestamp(now), events.map(({ type }) => type), events.map(({ id }) => id)],
  );
}
