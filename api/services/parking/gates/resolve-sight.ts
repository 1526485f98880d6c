import type { Db, Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { once } from '../../../engine/once.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, parseRowId } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { agreementsOf, gateTermsOf, holdLot, ownLots } from './lots.ts';
import { couldBeOf } from './match-sight.ts';
import { refreshPresence } from './refresh-presence.ts';
import { staysAround } from './stays.ts';

/** A sight as it is kept. */
export type KeptSight = {
  id: number;
  lotId: string;
  kind: 'entry' | 'exit';
  plate: string;
  at: Instant;
  state: 'matched' | 'unmatched' | 'dismissed';
  bookingId: string | null;
  reason: string | null;
};

export type ResolveRefusal =
  | { ok: false; problem: 'not-found' | 'key-reused' }
  | { ok: false; problem: 'rule'; rule: 'sight-resolved' | 'not-at-that-time' };
export type Resolved = { ok: true; sight: KeptSight; replayed: boolean } | ResolveRefusal;

/** What somebody says a sight is: a booking's, or nobody's for a reason. */
export type Resolution = { bookingId: string } | { reason: string };

type Outcome = { ok: true } | Exclude<ResolveRefusal, { problem: 'key-reused' }>;

/**
 * Says what an unmatched sight of a lot that the caller runs belongs to: a booking of the lot that covers its time, whatever plate was read, or
 * none. Saying the same again is harmless, something else is refused. Who did it stands in the log, without the plate.
 */
export async function resolveSight(
  context: Context,
  caller: Caller,
  { id, resolution, idempotency }: { id: string; resolution: Resolution; idempotency: Idempotency | null },
): Promise<Resolved> {
  const sight = await ownSight(context, caller, id);
  if (!sight) return { ok: false, problem: 'not-found' };
  const call = { siteId: context.site.id, at: context.now, idempotency };
  const done = await once<Outcome>(
    context.db,
    call,
    (tx) => resolveWithin(tx, context, caller, sight, resolution),
    ({ ok }) => ok,
  );
  if (!done.ok) return done;
  if (!done.result.ok) return done.result;
  const kept = await sightById(context.db, context.site.id, sight.id);
  return kept ? { ok: true, sight: kept, replayed: done.replayed } : { ok: false, problem: 'not-found' };
}

/** The plate of a sight in full, for somebody who has to look for the car; that it was shown, and to whom, stands in the log. */
export async function revealPlate(context: Context, caller: Caller, id: string): Promise<{ plate: string } | null> {
  const sight = await ownSight(context, caller, id);
  if (!sight) return null;
  await logAct(context.db, context, caller, { type: 'gate.plate-revealed', sight, bookingId: null });
  return { plate: sight.plate };
}

async function resolveWithin(
  tx: Db,
  context: Context,
  caller: Caller,
  { id, lotId }: KeptSight,
  resolution: Resolution,
): Promise<Outcome> {
  const { site, now } = context;
  await holdLot(tx, site.id, lotId);
  const sight = await sightById(tx, site.id, id);
  if (!sight) return { ok: false, problem: 'not-found' };
  const bookingId = 'bookingId' in resolution ? resolution.bookingId : null;
  if (sight.state !== 'unmatched') {
    const isSame = bookingId === null ? sight.state === 'dismissed' : sight.bookingId === bookingId;
    return isSame ? { ok: true } : { ok: false, problem: 'rule', rule: 'sight-resolved' };
  }
  if (bookingId !== null && !(await isAtThatTime(tx, context, sight, bookingId)))
    return { ok: false, problem: 'rule', rule: 'not-at-that-time' };
  await tx.query(
    `UPDATE gate_event SET state = $3, booking_id = $4, reason = $5, resolved_by = $6, resolved_at = $7
     WHERE site_id = $1 AND id = $2`,
    [
      site.id,
      id,
      bookingId === null ? 'dismissed' : 'matched',
      bookingId,
      'reason' in resolution ? resolution.reason : null,
      caller.personId,
      toTimestamp(now),
    ],
  );
  if (bookingId !== null) await refreshPresence(tx, site.id, lotId, [bookingId]);
  const type = bookingId === null ? 'gate.sight-dismissed' : 'gate.sight-assigned';
  await logAct(tx, context, caller, { type, sight, bookingId });
  return { ok: true };
}

async function isAtThatTime(tx: Queries, { site, catalogue }: Context, sight: KeptSight, bookingId: string) {
  if (!isUuid(bookingId)) return false;
  const resourceIds = [...agreementsOf(catalogue, [sight.lotId]).keys()];
  const stays = await staysAround(tx, { site, resourceIds, range: { startsAt: sight.at, endsAt: sight.at } });
  const stay = stays.find((each) => each.bookingId === bookingId);
  return !!stay && couldBeOf(sight, stay, gateTermsOf(catalogue, sight.lotId));
}

async function ownSight(context: Context, caller: Caller, id: string): Promise<KeptSight | null> {
  const rowId = parseRowId(id);
  const lots = await ownLots(context, caller);
  if (rowId === null || lots.length === 0) return null;
  const sight = await sightById(context.db, context.site.id, rowId);
  return sight && lots.some((lot) => lot.id === sight.lotId) ? sight : null;
}

async function sightById(db: Queries, siteId: number, id: number): Promise<KeptSight | null> {
  const [sight] = await db.query<KeptSight>(
    `SELECT id, lot_id AS "lotId", kind, plate, at, state, booking_id AS "bookingId", reason
     FROM gate_event WHERE site_id = $1 AND id = $2`,
    [siteId, id],
  );
  return sight ?? null;
}

/** The log is never rewritten: it names the sight, not its plate and time, which are forgotten. */
async function logAct(
  db: Queries,
  { site, now }: Context,
  caller: Caller,
  { type, sight, bookingId }: { type: string; sight: KeptSight; bookingId: string | null },
): Promise<void> {
  await db.query(
    `INSERT INTO event (site_id, at, type, actor_id, booking_id, facts) VALUES ($1, $2, $3, $4, $5, $6::jsonb)`,
    [site.id, toTimestamp(now), type, caller.personId, bookingId, JSON.stringify({ gateEventId: String(sight.id) })],
  );
}
