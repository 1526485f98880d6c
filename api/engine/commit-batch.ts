import { databaseRefusal, transactionWithRetry, type Db } from '../../db/db.ts';
import { toRange, toTimestamp } from './sql-values.ts';
import { decide, unitsBySlot, type Candidate, type Decision } from './decide.ts';
import { answersOfKeys, earlierAnswer } from './earlier-answers.ts';
import { lockSlots } from './slot-rows.ts';
import type { Admission } from './types.ts';

/** Constraints whose refusal means that another transaction was faster: the batch is read and decided again. */
const raceConstraints = new Set(['claim_no_overlap', 'idempotency_key_site_id_key_pk']);
const raceAttempts = 5;

/**
 * Admits a batch of one site in one transaction: lock, read, decide, write set-wise, commit. Answers come in the batch's order, after
 * the commit. A refused request writes nothing.
 * @throws what the database throws when it cannot commit; then nothing of the batch was done.
 */
export async function commitBatch(db: Db, batch: readonly Candidate[]): Promise<Admission[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transactionWithRetry(db, (tx) => admitWithin(tx, batch));
    } catch (error) {
      const constraint = databaseRefusal(error)?.constraint;
      if (attempt >= raceAttempts || !constraint || !raceConstraints.has(constraint)) throw error;
    }
  }
}

async function admitWithin(tx: Db, batch: readonly Candidate[]): Promise<Admission[]> {
  const first = batch[0];
  if (!first) return [];
  const { siteId } = first;
  const [slots, known, blocked] = await Promise.all([
    lockSlots(tx, siteId, new Set(batch.flatMap((candidate) => [...unitsBySlot(candidate).keys()]))),
    answersOfKeys(
      tx,
      siteId,
      batch.flatMap(({ idempotency }) => idempotency?.key ?? []),
    ),
    blockedByLiveClaims(tx, siteId, batch),
  ]);
  const replays = new Map(batch.map((candidate) => [candidate, earlierAnswer(known, candidate.idempotency)] as const));
  const fresh = batch.filter((candidate) => !replays.get(candidate));
  const { decided, repeats } = decideOncePerKey(fresh, (candidates) => decide(candidates, { slots, blocked }));
  const admitted = decided.filter((decision) => !decision.refusal).map((decision) => decision.candidate);
  if (admitted.length > 0) await write(tx, siteId, admitted);
  const answers = new Map(decided.map((decision) => [decision.candidate, answerOf(decision)] as const));
  for (const [repeat, original] of repeats) answers.set(repeat, asRepeat(repeat, original, answers.get(original)));
  return batch.map((candidate) => replays.get(candidate) ?? answers.get(candidate) ?? never(candidate));
}

/** Two requests with one key in one batch are one request: the second gets the first one's answer. */
function decideOncePerKey(fresh: readonly Candidate[], decideAll: (candidates: Candidate[]) => Decision[]) {
  const firstOfKey = new Map<string, Candidate>();
  const repeats = new Map<Candidate, Candidate>();
  const once: Candidate[] = [];
  for (const candidate of fresh) {
    const key = candidate.idempotency?.key;
    const original = key === undefined ? undefined : firstOfKey.get(key);
    if (original) repeats.set(candidate, original);
    else {
      once.push(candidate);
      if (key !== undefined) firstOfKey.set(key, candidate);
    }
  }
  return { decided: decideAll(once), repeats };
}

function asRepeat(repeat: Candidate, original: Candidate, answer: Admission | undefined): Admission {
  if (repeat.idempotency?.request !== original.idempotency?.request) return { ok: false, problem: 'key-reused' };
  return answer?.ok ? { ...answer, replayed: true } : (answer ?? never(repeat));
}

function answerOf({ candidate, refusal }: Decision): Admission {
  return refusal ?? { ok: true, bookingIds: [...candidate.bookingIds], replayed: false };
}

function never(candidate: Candidate): never {
  throw new Error(`a request of ${candidate.drafts.length} bookings was not decided`);
}

/** Index: the exclusion constraint's GiST index, one probe per claim; then the primary key of booking. */
async function blockedByLiveClaims(tx: Db, siteId: number, batch: readonly Candidate[]) {
  const asked = batch.flatMap((candidate, index) =>
    candidate.drafts.flatMap((draft) => draft.claims.map((claim) => ({ index, ...claim }))),
  );
  const blocked = new Map<Candidate, { bookingId: string; personId: string }>();
  if (asked.length === 0) return blocked;
  const rows = await tx.query<{ index: number; bookingId: string; personId: string }>(
    `SELECT DISTINCT ON (a.index) a.index, c.booking_id AS "bookingId", b.person_id AS "personId"
     FROM unnest($2::int[], $3::uuid[], $4::text[], $5::tstzrange[]) AS a(index, claimant_id, scope, during)
     JOIN claim c ON c.site_id = $1 AND c.claimant_id = a.claimant_id AND c.scope = a.scope AND c.during && a.during
     JOIN booking b ON b.site_id = c.site_id AND b.id = c.booking_id
     ORDER BY a.index, c.during`,
    [
      siteId,
      asked.map((claim) => claim.index),
      asked.map((claim) => claim.claimantId),
      asked.map((claim) => claim.scope),
      asked.map((claim) => toRange(claim.during)),
    ],
  );
  for (const { index, bookingId, personId } of rows) {
    const candidate = batch[index];
    if (candidate) blocked.set(candidate, { bookingId, personId });
  }
  return blocked;
}

async function write(tx: Db, siteId: number, admitted: readonly Candidate[]): Promise<void> {
  const bookings = admitted.flatMap((candidate) =>
    candidate.drafts.map((draft, index) => ({ candidate, draft, id: candidate.bookingIds[index] ?? never(candidate) })),
  );
  // Sent in one go, carried out in this order.
  await Promise.all([
    writeBookings(tx, siteId, bookings),
    writeLines(tx, siteId, bookings),
    writeClaims(tx, siteId, bookings),
    writeKeys(tx, siteId, admitted),
    takeUnits(tx, siteId, admitted),
  ]);
}

type NewBooking = { candidate: Candidate; draft: Candidate['drafts'][number]; id: string };

/** The bookings and their events. */
function writeBookings(tx: Db, siteId: number, bookings: readonly NewBooking[]) {
  return tx.query(
    `WITH made AS (
       INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
         cancel_until, price_fen, is_provisional, bundle_id, details)
       SELECT $1, u.id, u.kind, u.person_id, 'confirmed', u.at, u.at, u.starts_at, u.ends_at, u.service_date,
         u.cancel_until, u.price_fen, u.is_provisional, u.bundle_id, u.details
       FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::date[],
         $9::timestamptz[], $10::int[], $11::boolean[], $12::uuid[], $13::jsonb[])
         AS u(id, kind, person_id, at, starts_at, ends_at, service_date, cancel_until, price_fen, is_provisional,
           bundle_id, details))
     INSERT INTO event (site_id, at, type, actor_id, booking_id)
     SELECT $1, e.at, 'booking.confirmed', e.actor_id, e.id
     FROM unnest($2::uuid[], $5::timestamptz[], $14::uuid[]) AS e(id, at, actor_id)`,
    [
      siteId,
      bookings.map(({ id }) => id),
      bookings.map(({ draft }) => draft.kind),
      bookings.map(({ candidate }) => candidate.personId),
      bookings.map(({ candidate }) => toTimestamp(candidate.at)),
      bookings.map(({ draft }) => toTimestamp(draft.startsAt)),
      bookings.map(({ draft }) => toTimestamp(draft.endsAt)),
      bookings.map(({ draft }) => draft.serviceDate),
      bookings.map(({ draft }) => toTimestamp(draft.cancelUntil)),
      bookings.map(({ draft }) => draft.priceFen),
      bookings.map(({ draft }) => draft.isProvisional),
      // A plan of several parts is known by its first booking.
      bookings.map(({ candidate }) => (candidate.drafts.length > 1 ? candidate.bookingIds[0] : null)),
      bookings.map(({ draft }) => JSON.stringify(draft.details)),
      bookings.map(({ candidate }) => candidate.actorId),
    ],
  );
}

function writeLines(tx: Db, siteId: number, bookings: readonly NewBooking[]) {
  const lines = bookings.flatMap(({ id, draft }) => draft.lines.map((line) => ({ id, ...line })));
  return tx.query(
    `INSERT INTO booking_line (site_id, booking_id, slot_id, units)
     SELECT $1, u.booking_id, u.slot_id, u.units
     FROM unnest($2::uuid[], $3::bigint[], $4::int[]) AS u(booking_id, slot_id, units)`,
    [siteId, lines.map(({ id }) => id), lines.map(({ slotId }) => slotId), lines.map(({ units }) => units)],
  );
}

/** In claimant order, so that two transactions that meet here wait in one direction only. */
async function writeClaims(tx: Db, siteId: number, bookings: readonly NewBooking[]) {
  const claims = bookings
    .flatMap(({ id, draft }) => draft.claims.map((claim) => ({ id, ...claim })))
    .toSorted((a, b) => (a.claimantId < b.claimantId ? -1 : a.claimantId > b.claimantId ? 1 : 0));
  if (claims.length === 0) return;
  await tx.query(
    `INSERT INTO claim (site_id, booking_id, claimant_id, scope, during)
     SELECT $1, u.booking_id, u.claimant_id, u.scope, u.during
     FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::tstzrange[]) AS u(booking_id, claimant_id, scope, during)`,
    [
      siteId,
      claims.map(({ id }) => id),
      claims.map(({ claimantId }) => claimantId),
      claims.map(({ scope }) => scope),
      claims.map(({ during }) => toRange(during)),
    ],
  );
}

async function writeKeys(tx: Db, siteId: number, admitted: readonly Candidate[]) {
  const keyed = admitted.flatMap(({ idempotency, at, bookingIds }) =>
    idempotency ? [{ ...idempotency, at, bookingId: bookingIds[0] }] : [],
  );
  if (keyed.length === 0) return;
  await tx.query(
    `INSERT INTO idempotency_key (site_id, key, request, created_at, booking_id)
     SELECT $1, u.key, u.request, u.at, u.booking_id
     FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::uuid[]) AS u(key, request, at, booking_id)`,
    [
      siteId,
      keyed.map(({ key }) => key),
      keyed.map(({ request }) => request),
      keyed.map(({ at }) => toTimestamp(at)),
      keyed.map(({ bookingId }) => bookingId),
    ],
  );
}

/** The slots are locked already; the check constraint is the last word all the same. */
function takeUnits(tx: Db, siteId: number, admitted: readonly Candidate[]) {
  const units = new Map<number, number>();
  for (const candidate of admitted) {
    for (const [slotId, count] of unitsBySlot(candidate)) units.set(slotId, (units.get(slotId) ?? 0) + count);
  }
  return tx.query(
    `UPDATE slot SET taken = taken + u.units
     FROM unnest($2::bigint[], $3::int[]) AS u(id, units) WHERE slot.site_id = $1 AND slot.id = u.id`,
    [siteId, [...units.keys()], [...units.values()]],
  );
}
