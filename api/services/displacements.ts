import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import type { waitlistStates } from '../../db/schema/index.ts';

/** Why a booking gave way, and what was offered instead. */
export type KeptDisplacement = {
  changeId: string;
  at: Instant;
  actorRole: string;
  reason: string;
  position: number;
  of: number;
  /** The offer and its booking: held, accepted, or gone. */
  alternative: {
    entryId: number;
    state: (typeof waitlistStates)[number];
    until: Instant | null;
    bookingId: string;
    kind: string;
    startsAt: Instant;
    endsAt: Instant;
    serviceDate: IsoDate;
    priceFen: number;
    details: unknown;
  } | null;
};

/** Why each of some displaced bookings gave way, by booking. Indexes: event_by_booking, waitlist_entry_by_offer. */
export async function displacementsOf(
  db: Db,
  siteId: number,
  bookingIds: readonly string[],
): Promise<Map<string, KeptDisplacement>> {
  if (bookingIds.length === 0) return new Map();
  const rows = await db.query<{
    bookingId: string;
    at: Instant;
    facts: Omit<KeptDisplacement, 'at' | 'alternative'>;
    alternative: Omit<NonNullable<KeptDisplacement['alternative']>, 'startsAt' | 'endsAt' | 'until'> | null;
    startsAt: Instant;
    endsAt: Instant;
    until: Instant | null;
  }>(
    `SELECT DISTINCT ON (e.booking_id) e.booking_id AS "bookingId", e.at, e.facts,
       CASE WHEN w.id IS NOT NULL THEN jsonb_build_object('entryId', w.id, 'state', w.state, 'bookingId', b.id,
         'kind', b.kind, 'serviceDate', b.service_date, 'priceFen', b.price_fen, 'details', b.details) END AS alternative,
       b.starts_at AS "startsAt", b.ends_at AS "endsAt", b.expires_at AS until
     FROM event e
     LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = (e.facts->>'insteadId')::uuid
     LEFT JOIN waitlist_entry w ON w.site_id = e.site_id AND w.offer_booking_id = b.id
     WHERE e.site_id = $1 AND e.booking_id = ANY($2::uuid[]) AND e.type = 'booking.displaced'
     ORDER BY e.booking_id, e.id DESC`,
    [siteId, bookingIds],
  );
  return new Map(
    rows.map(({ bookingId, at, facts, alternative, ...times }) => {
      const { changeId, actorRole, reason, position, of } = facts;
      const instead = alternative && { ...alternative, ...times };
      return [bookingId, { changeId, at, actorRole, reason, position, of, alternative: instead }];
    }),
  );
}
