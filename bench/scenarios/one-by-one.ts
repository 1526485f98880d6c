import { newId } from '../../api/new-id.ts';
import { toRange, toTimestamp } from '../../api/engine/sql-values.ts';
import type { AdmissionRequest } from '../../api/engine/types.ts';
import type { Db, OpenDb } from '../../db/db.ts';

/** What the usual ways write for a request of one booking of one slot: the same rows under the same constraints as admission. */
function valuesOf({ siteId, personId, at, drafts: [draft], idempotency }: AdmissionRequest) {
  const [line] = draft?.lines ?? [];
  const [claim] = draft?.claims ?? [];
  if (!draft || !line || !claim || !idempotency) throw new Error('a request of one booking of one slot');
  return [
    siteId,
    line.slotId,
    newId(),
    personId,
    toTimestamp(at),
    toTimestamp(draft.startsAt),
    toTimestamp(draft.endsAt),
    draft.serviceDate,
    toTimestamp(draft.cancelUntil),
    JSON.stringify(draft.details),
    toRange(claim.during),
    idempotency.key,
    idempotency.request,
  ];
}

const writes = `b AS (
    INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date, cancel_until,
      price_fen, is_provisional, details)
    SELECT $1::int, $3::uuid, 'shuttle', $4::uuid, 'confirmed', $5::timestamptz, $5::timestamptz, $6::timestamptz, $7::timestamptz,
      $8::date, $9::timestamptz, 0, false, $10::jsonb FROM s)
  , e AS (INSERT INTO event (site_id, at, type, actor_id, booking_id) SELECT $1, $5, 'booking.confirmed', $4, $3 FROM s)
  , l AS (INSERT INTO booking_line (site_id, booking_id, slot_id, units) SELECT $1, $3, id, 1 FROM s)
  , c AS (INSERT INTO claim (site_id, booking_id, claimant_id, scope, during) SELECT $1, $3, $4, 'ride', $11::tstzrange FROM s)
  , k AS (INSERT INTO idempotency_key (site_id, key, request, created_at, booking_id)
          SELECT $1, $12::uuid, $13::uuid, $5, $3 FROM s)
  SELECT id FROM s`;

/** One conditional statement a request: the best that can be done without batches. */
export async function singleStatement(db: Db, request: AdmissionRequest): Promise<void> {
  const rows = await db.query(
    `WITH s AS (
       UPDATE slot SET taken = taken + 1 WHERE site_id = $1 AND id = $2::bigint AND taken < capacity AND state = 'active'
         AND opens_at <= $5::timestamptz AND closes_at > $5::timestamptz RETURNING id)
     , ${writes}`,
    valuesOf(request),
  );
  if (rows.length === 0) throw new Error('refused');
}

/** The textbook way: lock, look, write, commit, with a round trip for each. */
export async function interactiveTransaction(db: OpenDb, request: AdmissionRequest): Promise<void> {
  const values = valuesOf(request);
  await db.transaction(async (tx) => {
    const [slot] = await tx.query<{ free: number }>(
      `SELECT capacity - taken AS free FROM slot WHERE site_id = $1 AND id = $2 AND state = 'active' FOR UPDATE`,
      values.slice(0, 2),
    );
    if (!slot || slot.free < 1) throw new Error('refused');
    await tx.query('UPDATE slot SET taken = taken + 1 WHERE site_id = $1 AND id = $2', values.slice(0, 2));
    await tx.query(`WITH s AS (SELECT $2::bigint AS id), ${writes}`, values);
  });
}
