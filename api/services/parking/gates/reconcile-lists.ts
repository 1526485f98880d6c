import { transactionWithRetry, type Db, type Queries } from '../../../../db/db.ts';
import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import { newId } from '../../../new-id.ts';
import type { Resource, Surroundings } from '../../service.ts';
import { agreementOf } from '../rules.ts';
import { passableTimes } from './list-times.ts';
import { agreementsOf, lotsWithGates } from './lots.ts';
import type { Stay } from './match-sight.ts';
import { staysAround } from './stays.ts';

/** Gates are told this long ahead, so that they let people in while the network is down. */
const aheadMilliseconds = 48 * 3_600_000;
/** So long after its end an entry is kept, to answer what the gate was told. */
const keptMilliseconds = 24 * 3_600_000;
const forgottenAtOnce = 5_000;

/** What is to be on a lot's list: a car and when it may pass. */
export type ListEntry = HalfOpen & { lotId: string; bookingId: string; plate: string };

/**
 * Brings what the gates have to be told into line with the bookings: entries that are missing are added, and those that no booking calls for
 * are taken back. So cancelling, giving way, releasing a night and changing a plate all reach the gate without knowing of it. Harmless
 * when repeated; one process at a time, the others pass it over.
 */
export async function reconcileLists(db: Db, { site, catalogue }: Surroundings, now: Instant): Promise<void> {
  const lotIds = (await lotsWithGates(db, site.id)).map(({ id }) => id);
  const agreements = agreementsOf(catalogue, lotIds);
  await transactionWithRetry(db, async (tx) => {
    const [turn] = await tx.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('gate lists', $1)) AS mine`,
      [site.id],
    );
    if (!turn?.mine) return;
    const range = { startsAt: now, endsAt: now + aheadMilliseconds };
    const stays = await staysAround(tx, { site, resourceIds: [...agreements.keys()], range });
    const wanted = entriesOf(stays, agreements, site.timeZone).filter(
      ({ startsAt, endsAt }) => endsAt > range.startsAt && startsAt < range.endsAt,
    );
    const listed = await listedEntries(tx, site.id, now);
    const { missing, surplus } = difference(wanted, listed);
    await addEntries(tx, site.id, missing, now);
    await takeBack(tx, site.id, surplus, now);
    await forgetPastEntries(tx, site.id, now);
  });
}

/** What has to be on the lists for some stays to be let in and out. Pure. */
export function entriesOf(
  stays: readonly Stay[],
  agreements: ReadonlyMap<string, Resource>,
  zone: string,
): ListEntry[] {
  return stays.flatMap(({ bookingId, plate, resourceId, runs, endedAt }) => {
    const agreement = agreements.get(resourceId);
    if (!agreement || endedAt !== null) return [];
    const { lotId, curfew } = agreementOf(agreement).facts;
    return runs
      .flatMap((run) => passableTimes(run, curfew, zone))
      .map((time) => ({ lotId, bookingId, plate, ...time }));
  });
}

/** What has to be added to the entries that are listed, and which of them are too many. Pure. */
export function difference<Listed extends ListEntry>(wanted: readonly ListEntry[], listed: readonly Listed[]) {
  const wantedKeys = new Set(wanted.map(keyOf));
  const listedKeys = new Set(listed.map(keyOf));
  return {
    missing: wanted.filter((entry) => !listedKeys.has(keyOf(entry))),
    surplus: listed.filter((entry) => !wantedKeys.has(keyOf(entry))),
  };
}

const keyOf = ({ lotId, bookingId, plate, startsAt, endsAt }: ListEntry): string =>
  `${lotId} ${bookingId} ${plate} ${startsAt} ${endsAt}`;

/** Index: gate_push_by_end. */
function listedEntries(tx: Queries, siteId: number, now: Instant): Promise<(ListEntry & { id: string })[]> {
  return tx.query(
    `SELECT id, lot_id AS "lotId", booking_id AS "bookingId", plate, starts_at AS "startsAt", ends_at AS "endsAt"
     FROM gate_push WHERE site_id = $1 AND ends_at > $2 AND action = 'allow'`,
    [siteId, toTimestamp(now)],
  );
}

async function addEntries(tx: Queries, siteId: number, missing: readonly ListEntry[], now: Instant): Promise<void> {
  if (missing.length === 0) return;
  await tx.query(
    `INSERT INTO gate_push (site_id, id, lot_id, booking_id, plate, starts_at, ends_at, action, state, next_at, changed_at)
     SELECT $1, u.id, u.lot_id, u.booking_id, u.plate, u.starts_at, u.ends_at, 'allow', 'waiting', $2, $2
     FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[], $8::timestamptz[])
       AS u(id, lot_id, booking_id, plate, starts_at, ends_at)
     ON CONFLICT DO NOTHING`,
    [
      siteId,
      toTimestamp(now),
      missing.map(() => newId()),
      missing.map(({ lotId }) => lotId),
      missing.map(({ bookingId }) => bookingId),
      missing.map(({ plate }) => plate),
      missing.map(({ startsAt }) => toTimestamp(startsAt)),
      missing.map(({ endsAt }) => toTimestamp(endsAt)),
    ],
  );
}

/** What the gate never heard of, or turned down, is only dropped; the rest has to be revoked. */
async function takeBack(tx: Queries, siteId: number, surplus: readonly { id: string }[], now: Instant): Promise<void> {
  if (surplus.length === 0) return;
  const ids = surplus.map(({ id }) => id);
  await tx.query(
    `DELETE FROM gate_push WHERE site_id = $1 AND id = ANY($2::uuid[]) AND action = 'allow' AND (attempts = 0 OR state = 'refused')`,
    [siteId, ids],
  );
  await tx.query(
    `UPDATE gate_push SET action = 'revoke', state = 'waiting', attempts = 0, next_at = $3, last_error = NULL, changed_at = $3
     WHERE site_id = $1 AND id = ANY($2::uuid[]) AND action = 'allow'`,
    [siteId, ids, toTimestamp(now)],
  );
}

/** Index: gate_push_by_end. */
async function forgetPastEntries(tx: Queries, siteId: number, now: Instant): Promise<void> {
  await tx.query(
    `DELETE FROM gate_push WHERE (site_id, id) IN (
       SELECT site_id, id FROM gate_push WHERE site_id = $1 AND ends_at < $2 LIMIT ${forgottenAtOnce})`,
    [siteId, toTimestamp(now - keptMilliseconds)],
  );
}
