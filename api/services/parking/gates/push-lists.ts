import type { Db } from '../../../../db/db.ts';
import { toText, type Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Gate, GateChange, Gates, PushResult } from '../../../gates/gate.ts';
import type { Surroundings } from '../../service.ts';
import type { ListEntry } from './reconcile-lists.ts';
import { lotsWithGates, type Lot } from './lots.ts';

/** So many changes are told in a round, and so many in one call. */
const perRound = 500;
const perCall = 100;
/** How long a change belongs to the process that tells it: longer than a gate may take to answer. */
const leaseMilliseconds = 60_000;
/** The first try again comes after so long, each later one after twice as long, up to an hour. */
const backoffMilliseconds = { first: 10_000, most: 3_600_000 };

type Claimed = ListEntry & { id: string; action: GateChange['action']; attempts: number };

/**
 * Tells the gates what waits to be told, some hundreds of changes at a time: those of one lot one call after the other, different lots at once.
 * Whoever tells a change moves its time on first, so that no two processes do; if that one dies, it is told again, which the gate knows by
 * its id. Lots without a way to their gate are left waiting.
 */
export async function pushLists(db: Db, { site }: Surroundings, gates: Gates, now: Instant): Promise<void> {
  const reached = new Map((await lotsWithGates(db, site.id)).flatMap((lot) => wayTo(lot, gates) ?? []));
  if (reached.size === 0) return;
  const claimed = await claimChanges(db, site.id, [...reached.keys()], now);
  const byLot = Map.groupBy(claimed, ({ lotId }) => lotId);
  const settled = await Promise.all(
    [...byLot].map(async ([lotId, changes]) => {
      const gate = reached.get(lotId);
      return gate ? tell(gate, lotId, changes, site.timeZone, now) : [];
    }),
  );
  await settle(db, site.id, settled.flat(), now);
}

function wayTo({ id, kind }: Lot, gates: Gates): [string, Gate][] | null {
  const gate = kind === 'onstreet-permit' ? null : gates[kind];
  return gate && [[id, gate]];
}

/** What is due, the longest waiting first, moved on so that nobody else takes it. Index: gate_push_waiting. */
function claimChanges(db: Db, siteId: number, lotIds: readonly string[], now: Instant): Promise<Claimed[]> {
  return db.query<Claimed>(
    `UPDATE gate_push SET attempts = attempts + 1, next_at = $4
     WHERE (site_id, id) IN (
       SELECT site_id, id FROM gate_push
       WHERE site_id = $1 AND state = 'waiting' AND next_at <= $2 AND ends_at > $2 AND lot_id = ANY($3::text[])
       ORDER BY next_at LIMIT ${perRound} FOR UPDATE SKIP LOCKED)
     RETURNING id, action, attempts, lot_id AS "lotId", booking_id AS "bookingId", plate, starts_at AS "startsAt", ends_at AS "endsAt"`,
    [siteId, toTimestamp(now), lotIds, toTimestamp(now + leaseMilliseconds)],
  );
}

type Settled = Claimed & Pick<PushResult, 'outcome' | 'error'>;

async function tell(
  gate: Gate,
  lotId: string,
  changes: readonly Claimed[],
  zone: string,
  now: Instant,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (let start = 0; start < changes.length; start += perCall) {
    const part = changes.slice(start, start + perCall);
    const told = part.map(({ id, action, plate, startsAt, endsAt }) => ({
      id,
      action,
      plate,
      from: toText(startsAt, zone),
      until: toText(endsAt, zone),
    }));
    const results = new Map((await gate.push(lotId, told, now)).map((result) => [result.id, result]));
    for (const change of part) {
      const { outcome, error } = results.get(change.id) ?? { outcome: 'failed' as const, error: 'no answer for it' };
      settled.push({ ...change, outcome, error });
    }
    // A gate that does not answer is not asked again in this round: the rest is due when its lease ends.
    if (settled.at(-1)?.outcome === 'failed') break;
  }
  return settled;
}

/** Writes down what became of each change, unless it was taken back meanwhile: then that is still to be told. */
async function settle(db: Db, siteId: number, settled: readonly Settled[], now: Instant): Promise<void> {
  if (settled.length === 0) return;
  await db.query(
    `UPDATE gate_push p SET state = u.state, next_at = u.next_at, last_error = u.error, changed_at = $2
     FROM unnest($3::uuid[], $4::text[], $5::int[], $6::text[], $7::timestamptz[], $8::text[])
       AS u(id, action, attempts, state, next_at, error)
     WHERE p.site_id = $1 AND p.id = u.id AND p.action = u.action AND p.attempts = u.attempts AND p.state = 'waiting'`,
    [
      siteId,
      toTimestamp(now),
      settled.map(({ id }) => id),
      settled.map(({ action }) => action),
      settled.map(({ attempts }) => attempts),
      settled.map(({ outcome }) => (outcome === 'failed' ? 'waiting' : outcome)),
      settled.map(({ attempts }) => toTimestamp(now + waitAfter(attempts, Math.random()))),
      settled.map(({ error }) => error),
    ],
  );
}

/** How long to wait after so many attempts; `chance` from 0 to 1 spreads those that failed together. Milliseconds. */
export function waitAfter(attempts: number, chance: number): number {
  const wait = Math.min(backoffMilliseconds.most, backoffMilliseconds.first * 2 ** Math.min(20, attempts - 1));
  return wait * (0.5 + chance / 2);
}
