import { newId } from '../../../new-id.ts';
import { transactionWithRetry, type Db } from '../../../../db/db.ts';
import { minutesAfter } from '../../../calendar/time.ts';
import { commitBatch, newBatchMemory } from '../../../engine/commit-batch.ts';
import type { Candidate } from '../../../engine/decide.ts';
import { withoutTerms } from '../../../engine/drafts.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Admission, Slot } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { maskPlate } from '../../../people/plate.ts';
import type { Context, Resource } from '../../service.ts';
import { creditsOfPeople } from './credit.ts';
import { commitmentOf, draw, newSeed } from './draw.ts';
import { isBeneficiary, spending, stayOn } from '../draft-stay.ts';
import { nightsAhead } from './month-nights.ts';
import { drawWindow, monthToDraw } from './month-rules.ts';
import { tellOfRound } from './round-rows.ts';
import { agreementOf } from '../rules.ts';

/**
 * Publishes the rounds of the next month, draws those that have closed, and makes the bookings of those that are drawn. Idempotent, safe from
 * many processes at once; what a crash left undone is done by the next sweep.
 */
export async function runRounds(context: Context): Promise<void> {
  await openRounds(context);
  await drawClosedRounds(context);
  await bookDrawnRounds(context);
}

/** Every lot whose months are drawn has a round of the next month, with the commitment to its seed, before one may enter. */
async function openRounds({ db, site, catalogue, now }: Context): Promise<void> {
  const month = monthToDraw(now, site.timeZone);
  const due = [...catalogue.values()].flatMap((lot) => {
    if (lot.kind !== 'parking') return [];
    const window = drawWindow(agreementOf(lot).facts, month, site.timeZone);
    return window && now < window.closesAt ? [{ resourceId: lot.id, ...window }] : [];
  });
  if (due.length === 0) return;
  const there = await db.query<{ resourceId: string }>(
    'SELECT resource_id AS "resourceId" FROM parking_round WHERE site_id = $1 AND month = $2',
    [site.id, month],
  );
  const rounds = due
    .filter((round) => !there.some(({ resourceId }) => resourceId === round.resourceId))
    .map((round) => ({ ...round, id: newId(), seed: newSeed() }));
  if (rounds.length === 0) return;
  await db.query(
    `WITH made AS (
       INSERT INTO parking_round (site_id, id, resource_id, month, opens_at, closes_at, commitment, seed)
       SELECT $1, u.id, u.resource_id, $2, u.opens_at, u.closes_at, u.commitment, u.seed
       FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[])
         AS u(id, resource_id, opens_at, closes_at, commitment, seed)
       ON CONFLICT ON CONSTRAINT parking_round_once_per_month DO NOTHING RETURNING id, commitment)
     INSERT INTO event (site_id, at, type, facts)
     SELECT $1, $9, 'parking-round.published', jsonb_build_object('roundId', id, 'commitment', commitment) FROM made`,
    [
      site.id,
      month,
      rounds.map(({ id }) => id),
      rounds.map(({ resourceId }) => resourceId),
      rounds.map(({ opensAt }) => toTimestamp(opensAt)),
      rounds.map(({ closesAt }) => toTimestamp(closesAt)),
      rounds.map(({ seed }) => commitmentOf(seed)),
      rounds.map(({ seed }) => seed),
      toTimestamp(now),
    ],
  );
}

/** Fixes the order of every round that has closed, once: numbers, places and the seed are public from then on. */
async function drawClosedRounds(context: Context): Promise<void> {
  while (await transactionWithRetry(context.db, (tx) => drawOne(tx, context)));
}

/** Index: parking_round_closing. */
async function drawOne(tx: Db, { site, now }: Context): Promise<boolean> {
  const [round] = await tx.query<{ id: string; seed: string }>(
    `SELECT id, seed FROM parking_round WHERE site_id = $1 AND state = 'open' AND closes_at <= $2
     ORDER BY closes_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [site.id, toTimestamp(now)],
  );
  if (!round) return false;
  const entries = await tx.query<{ id: string }>(
    'SELECT id FROM parking_round_entry WHERE site_id = $1 AND round_id = $2',
    [site.id, round.id],
  );
  const drawn = draw(
    round.seed,
    entries.map(({ id }) => id),
  );
  await tx.query(
    `UPDATE parking_round_entry SET number = u.number, place = u.place
     FROM unnest($2::uuid[], $3::text[], $4::int[]) AS u(id, number, place)
     WHERE parking_round_entry.site_id = $1 AND parking_round_entry.id = u.id`,
    [site.id, drawn.map(({ id }) => id), drawn.map(({ number }) => number), drawn.map(({ place }) => place)],
  );
  await tx.query(`UPDATE parking_round SET state = 'drawn' WHERE site_id = $1 AND id = $2`, [site.id, round.id]);
  const facts = { roundId: round.id, seed: round.seed, entries: drawn.length };
  await tellOfRound(tx, site.id, { type: 'drawn', at: now, actorId: null, facts });
  return true;
}

type DrawnRound = { id: string; resourceId: string; month: string };

/** Makes the bookings of drawn rounds, each by one process. Index: parking_round_closing. */
async function bookDrawnRounds(context: Context): Promise<void> {
  const rounds = await context.db.query<DrawnRound>(
    `SELECT id, resource_id AS "resourceId", month FROM parking_round WHERE site_id = $1 AND state = 'drawn' ORDER BY closes_at, id`,
    [context.site.id],
  );
  for (const round of rounds) while (await bookSome(context, round));
}

const entriesPerBatch = 100;
/** Longer than a batch takes; a process that died keeps others waiting so long. */
const leaseMinutes = 2;

/**
 * Gives the month to the next entries of a round in the order of the draw, all of it or a place in the queue. The lease keeps two processes
 * from deciding the same entry in different ways; the entry's id is its retry key, so that one whose process died after the commit gets
 * the same answer again.
 * @returns whether there may be more to do.
 */
async function bookSome(context: Context, round: DrawnRound): Promise<boolean> {
  const { db, site, now } = context;
  const leased = await db.query(
    `UPDATE parking_round SET working_until = $3 WHERE site_id = $1 AND id = $2 AND state = 'drawn'
       AND (working_until IS NULL OR working_until <= $4) RETURNING id`,
    [site.id, round.id, toTimestamp(minutesAfter(now, leaseMinutes)), toTimestamp(now)],
  );
  if (leased.length === 0) return false;
  const entries = await nextEntries(db, site.id, round.id);
  const answers = await answersFor(context, round, entries);
  await writeResults(db, site.id, answers);
  await db.query(
    `UPDATE parking_round SET working_until = NULL, state = CASE WHEN $3::boolean THEN 'done' ELSE state END
     WHERE site_id = $1 AND id = $2`,
    [site.id, round.id, entries.length < entriesPerBatch],
  );
  return entries.length === entriesPerBatch;
}

type DueEntry = {
  id: string;
  personId: string;
  vehicleId: string;
  plate: string | null;
  isVerified: boolean;
  roles: Caller['roles'] | null;
};

/** Those without a result yet, in order, with what decides whether they may take part. */
function nextEntries(db: Db, siteId: number, roundId: string): Promise<DueEntry[]> {
  return db.query<DueEntry>(
    `SELECT e.id, e.person_id AS "personId", e.vehicle_id AS "vehicleId", v.plate, v.verified_at IS NOT NULL AS "isVerified",
       (SELECT jsonb_agg(jsonb_build_object('role', r.role, 'organisationId', r.organisation_id)) FROM person_role r
        WHERE r.site_id = e.site_id AND r.person_id = e.person_id) AS roles
     FROM parking_round_entry e
     LEFT JOIN vehicle v ON v.site_id = e.site_id AND v.id = e.vehicle_id AND v.person_id = e.person_id
     WHERE e.site_id = $1 AND e.round_id = $2 AND e.result IS NULL ORDER BY e.place LIMIT ${entriesPerBatch}`,
    [siteId, roundId],
  );
}

type Result = { id: string; admission: Admission | { ok: false; problem: 'rule'; rule: string } };

async function answersFor(context: Context, round: DrawnRound, entries: readonly DueEntry[]): Promise<Result[]> {
  const ahead = await nightsAhead(context, round);
  if (!ahead.ok) {
    const rule = ahead.problem === 'rule' ? ahead.rule : 'not-found';
    return entries.map(({ id }) => ({ id, admission: { ok: false, problem: 'rule', rule } }));
  }
  const { facts } = agreementOf(ahead.lot);
  const isLent = ahead.slots.some(({ state }) => state === 'active');
  const ruleOf = ({ isVerified, roles }: DueEntry): string | null => {
    if (!isLent) return 'slot-closed';
    if (!isVerified) return 'vehicle-unverified';
    return isBeneficiary({ roles: roles ?? [] }, facts) ? null : 'not-a-beneficiary';
  };
  const able = entries.filter((entry) => ruleOf(entry) === null);
  const candidates = await candidatesFor(context, ahead, round.month, able);
  // It looks for answered keys first: after a crash most of them are.
  const admitted = await commitBatch(context.db, candidates, newBatchMemory(1));
  const admissions = new Map(able.map(({ id }, index) => [id, admitted[index]]));
  return entries.map((entry) => ({
    id: entry.id,
    admission: admissions.get(entry.id) ?? { ok: false, problem: 'rule', rule: ruleOf(entry) ?? '' },
  }));
}

/** The month of each entry: every night that the lender lends, paid by credit as far as there is some. */
async function candidatesFor(
  context: Context,
  { lot, slots: nights }: { lot: Resource; slots: readonly Slot[] },
  month: string,
  entries: readonly DueEntry[],
): Promise<Candidate[]> {
  const slots = nights.filter(({ state }) => state === 'active');
  const missing = nights.filter(({ state }) => state !== 'active').map(({ serviceDate }) => serviceDate);
  const people = entries.map(({ personId }) => personId);
  const credits = await creditsOfPeople(context, people, lot.organisationId);
  const { offerMinutes } = agreementOf(lot).times;
  return entries.map(({ id, personId, vehicleId, plate, roles }) => {
    const stay = stayOn(lot, { slots, missing, month }, { vehicleId, plateMasked: maskPlate(plate ?? '') });
    return {
      siteId: context.site.id,
      personId,
      actorId: personId,
      at: context.now,
      drafts: [withoutTerms(spending(stay, credits.get(personId) ?? 0))],
      bookingIds: [newId()],
      groups: (roles ?? []).flatMap(({ organisationId }) => organisationId ?? []),
      waitlist: { offerMinutes },
      idempotency: { key: id, request: id },
    };
  });
}

async function writeResults(db: Db, siteId: number, results: readonly Result[]): Promise<void> {
  if (results.length === 0) return;
  const rows = results.map(({ id, admission }) => {
    if (!admission.ok) {
      const reason = 'rule' in admission ? admission.rule : admission.problem;
      return { id, result: 'refused', reason, bookingId: null, waitlistId: null };
    }
    return 'entryId' in admission
      ? { id, result: 'waiting', reason: null, bookingId: null, waitlistId: admission.entryId }
      : { id, result: 'won', reason: null, bookingId: admission.bookingIds[0] ?? null, waitlistId: null };
  });
  await db.query(
    `UPDATE parking_round_entry SET result = u.result, reason = u.reason, booking_id = u.booking_id, waitlist_id = u.waitlist_id
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bigint[]) AS u(id, result, reason, booking_id, waitlist_id)
     WHERE parking_round_entry.site_id = $1 AND parking_round_entry.id = u.id AND parking_round_entry.result IS NULL`,
    [
      siteId,
      rows.map(({ id }) => id),
      rows.map(({ result }) => result),
      rows.map(({ reason }) => reason),
      rows.map(({ bookingId }) => bookingId),
      rows.map(({ waitlistId }) => waitlistId),
    ],
  );
}
