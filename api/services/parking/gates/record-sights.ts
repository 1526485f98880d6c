import { transactionWithRetry, type Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context } from '../../service.ts';
import { agreementsOf, gateTermsOf, holdLot, lotsWithGates } from './lots.ts';
import { matchSight, type Sight, type Stay } from './match-sight.ts';
import { refreshPresence } from './refresh-presence.ts';
import { staysAround } from './stays.ts';

/** What a gate tells: its device's serial, that one's own number of the sight, and what it saw. */
export type ToldSight = Sight & { serial: string; event: string };

/** Sights are taken that a gate's clock has a little ahead, and that it could not tell for some days. */
export const sightRules = { aheadMinutes: 5, lateDays: 7 } as const;

export type RefusedSight = { serial: string; event: string; rule: 'in-future' | 'too-old' };

export type Recorded =
  { ok: true; accepted: number; duplicates: number; refused: RefusedSight[] } | { ok: false; problem: 'not-found' };

/**
 * Keeps what the gate of a lot saw, each sight once however often it is told, matches it to a booking, and writes down anew who is in. All or
 * nothing, but for sights that are refused by their time.
 */
export async function recordSights(context: Context, lotId: string, told: readonly ToldSight[]): Promise<Recorded> {
  const { db, site, catalogue, now } = context;
  const lot = (await lotsWithGates(db, site.id)).find(({ id }) => id === lotId);
  if (!lot) return { ok: false, problem: 'not-found' };
  const refused = told.flatMap((sight) => refusalOf(sight, now) ?? []);
  const taken = told.filter((sight) => refusalOf(sight, now) === null);
  if (taken.length === 0) return { ok: true, accepted: 0, duplicates: 0, refused };
  const margins = gateTermsOf(catalogue, lotId);
  const resourceIds = [...agreementsOf(catalogue, [lotId]).keys()];
  const accepted = await transactionWithRetry(db, async (tx) => {
    await holdLot(tx, site.id, lotId);
    const stays = await staysAround(tx, {
      site,
      resourceIds,
      range: rangeOf(taken),
      plates: taken.map(({ plate }) => plate),
    });
    const ofPlate = Map.groupBy(stays, ({ plate }) => plate);
    const matched = taken.map((sight) => ({
      ...sight,
      stay: matchSight(sight, ofPlate.get(sight.plate) ?? [], margins),
    }));
    const added = await insertSights(tx, site.id, lotId, matched, now);
    await refreshPresence(
      tx,
      site.id,
      lotId,
      added.flatMap(({ bookingId }) => bookingId ?? []),
    );
    return added.length;
  });
  return { ok: true, accepted, duplicates: taken.length - accepted, refused };
}

function refusalOf({ at, serial, event }: ToldSight, now: Instant): RefusedSight | null {
  if (at > now + sightRules.aheadMinutes * 60_000) return { serial, event, rule: 'in-future' };
  if (at < now - sightRules.lateDays * 86_400_000) return { serial, event, rule: 'too-old' };
  return null;
}

/** From the first to the last of some sights. */
export function rangeOf(sights: readonly { at: Instant }[]) {
  const instants = sights.map(({ at }) => at);
  return { startsAt: Math.min(...instants), endsAt: Math.max(...instants) };
}

/** One row per sight that was not told before. Index: gate_event_once. */
function insertSights(
  tx: Queries,
  siteId: number,
  lotId: string,
  sights: readonly (ToldSight & { stay: Stay | null })[],
  now: Instant,
): Promise<{ bookingId: string | null }[]> {
  return tx.query(
    `INSERT INTO gate_event (site_id, lot_id, serial, event, kind, plate, at, received_at, state, booking_id)
     SELECT $1, $2, u.serial, u.event, u.kind, u.plate, u.at, $3, CASE WHEN u.booking_id IS NULL THEN 'unmatched' ELSE 'matched' END, u.booking_id
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::uuid[])
       AS u(serial, event, kind, plate, at, booking_id)
     ON CONFLICT ON CONSTRAINT gate_event_once DO NOTHING RETURNING booking_id AS "bookingId"`,
    [
      siteId,
      lotId,
      toTimestamp(now),
      sights.map(({ serial }) => serial),
      sights.map(({ event }) => event),
      sights.map(({ kind }) => kind),
      sights.map(({ plate }) => plate),
      sights.map(({ at }) => toTimestamp(at)),
      sights.map(({ stay }) => stay?.bookingId ?? null),
    ],
  );
}
