import type { Instant } from '../../../calendar/time.ts';
import type { Context } from '../../service.ts';
import { agreementsOf, gateTermsOf, type Lot } from './lots.ts';
import { candidatesFor, type Candidate, type Sight } from './match-sight.ts';
import { rangeOf } from './record-sights.ts';
import { staysAround } from './stays.ts';

/** So many bookings are offered for a sight. */
const maxCandidates = 5;

/** A sight that waits for somebody to say what it belongs to. */
export type UnmatchedSight = Sight & { id: number; receivedAt: Instant; candidates: Candidate[] };

/** A page of a lot's sights that match no booking, newest first, each with the bookings it may belong to. Index: gate_event_unmatched. */
export async function unmatchedSights(
  { db, site, catalogue }: Context,
  lot: Lot,
  page: { before: number | null; limit: number },
): Promise<UnmatchedSight[]> {
  const sights = await db.query<Omit<UnmatchedSight, 'candidates'>>(
    `SELECT id, kind, plate, at, received_at AS "receivedAt" FROM gate_event
     WHERE site_id = $1 AND lot_id = $2 AND state = 'unmatched' AND id < coalesce($3, 9223372036854775807)
     ORDER BY id DESC LIMIT $4`,
    [site.id, lot.id, page.before, page.limit],
  );
  if (sights.length === 0) return [];
  const resourceIds = [...agreementsOf(catalogue, [lot.id]).keys()];
  const stays = await staysAround(db, { site, resourceIds, range: rangeOf(sights) });
  const margins = gateTermsOf(catalogue, lot.id);
  return sights.map((sight) => ({ ...sight, candidates: candidatesFor(sight, stays, margins, maxCandidates) }));
}
