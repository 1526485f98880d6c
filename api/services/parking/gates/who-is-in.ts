import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context, Resource } from '../../service.ts';
import { agreementOf } from '../rules.ts';
import type { StayPresence } from './presence.ts';
import { isInCurfew } from './list-times.ts';
import { agreementsOf, type Lot } from './lots.ts';
import type { Stay } from './match-sight.ts';
import { staysAround } from './stays.ts';

/** Who is expected within so many hours. */
const expectedHours = 24;
/** Who left longer ago than this is no news to who stays now. */
const leftLatelyMilliseconds = 2 * 86_400_000;
/** More than a lot has spaces is never shown. */
const maxShown = 1_000;

/** A car that is in a lot. Minutes late are whole ones since its leave-by; 0 while it may stay. */
export type CarInside = {
  bookingId: string;
  plate: string;
  since: Instant | null;
  leaveBy: Instant | null;
  minutesLate: number;
  inCurfew: boolean;
};

/** A car that may come, or has not come yet. */
export type CarExpected = { bookingId: string; plate: string; from: Instant; leaveBy: Instant };

/** How the lot's list stands: changes that wait to be told, those of them that failed before, and those that the gate turned down. */
export type ListState = { waiting: number; failing: number; refused: number; lastError: string | null };

/** Who is in a lot now, the latest first, who is expected, and how its gate's list stands. */
export async function whoIsIn(context: Context, lot: Lot) {
  const { db, site, catalogue, now } = context;
  const agreements = agreementsOf(catalogue, [lot.id]);
  const range = { startsAt: now - 7 * 86_400_000, endsAt: now + expectedHours * 3_600_000 };
  const [stays, presences, list, unmatched] = await Promise.all([
    staysAround(db, { site, resourceIds: [...agreements.keys()], range }),
    presencesIn(context, lot.id),
    listState(context, lot.id),
    countUnmatched(context, lot.id),
  ]);
  const view = { stays, agreements, presences, zone: site.timeZone, now };
  return { inside: carsInside(view), expected: carsExpected(view), list, unmatched };
}

type View = {
  stays: readonly Stay[];
  agreements: ReadonlyMap<string, Resource>;
  presences: readonly (StayPresence & { plate: string })[];
  zone: string;
  now: Instant;
};

/** The cars that are inside, who is late first, then by leave-by. Pure. */
export function carsInside({ stays, agreements, presences, zone, now }: View): CarInside[] {
  const stayOf = new Map(stays.map((stay) => [stay.bookingId, stay]));
  return presences
    .filter(({ isInside }) => isInside)
    .map(({ bookingId, plate, lastInAt }) => {
      const stay = stayOf.get(bookingId);
      const agreement = stay && agreements.get(stay.resourceId);
      const leaveBy = stay ? leaveByAt(stay.runs, now) : null;
      return {
        bookingId,
        plate,
        since: lastInAt,
        leaveBy,
        minutesLate: leaveBy === null ? 0 : Math.max(0, Math.floor((now - leaveBy) / 60_000)),
        inCurfew: !!agreement && isInCurfew(now, agreementOf(agreement).facts.curfew, zone),
      };
    })
    .toSorted((a, b) => b.minutesLate - a.minutesLate || (a.leaveBy ?? 0) - (b.leaveBy ?? 0));
}

/** The cars whose stay runs or begins soon, and that have not come in for it; by start. Pure. */
export function carsExpected({ stays, presences, now }: View): CarExpected[] {
  const presenceOf = new Map(presences.map((presence) => [presence.bookingId, presence]));
  return stays
    .filter(({ endedAt }) => endedAt === null)
    .flatMap(({ bookingId, plate, runs }) => {
      const presence = presenceOf.get(bookingId);
      const run = runs.find(({ startsAt, endsAt }) => endsAt > now && startsAt < now + expectedHours * 3_600_000);
      if (!run || presence?.isInside || (presence?.leftAt ?? 0) >= run.startsAt) return [];
      return [{ bookingId, plate, from: run.startsAt, leaveBy: run.endsAt }];
    })
    .toSorted((a, b) => a.from - b.from || (a.plate < b.plate ? -1 : 1));
}

/** Until when a car may stay that is in: the end of the run that holds now, else of the last that has begun. */
function leaveByAt(runs: readonly HalfOpen[], now: Instant): Instant | null {
  return (runs.findLast(({ startsAt }) => startsAt <= now) ?? runs[0])?.endsAt ?? null;
}

/** Who is in, and who has left lately. Indexes: stay_presence_inside, the primary keys of booking and vehicle. */
function presencesIn({ db, site, now }: Context, lotId: string) {
  return db.query<StayPresence & { plate: string }>(
    `SELECT p.booking_id AS "bookingId", p.lot_id AS "lotId", p.entered_at AS "enteredAt", p.last_in_at AS "lastInAt",
       p.left_at AS "leftAt", p.is_inside AS "isInside", v.plate
     FROM stay_presence p
     JOIN booking b ON b.site_id = p.site_id AND b.id = p.booking_id
     JOIN vehicle v ON v.site_id = b.site_id AND v.id = (b.details->>'vehicleId')::uuid
     WHERE p.site_id = $1 AND p.lot_id = $2 AND (p.is_inside OR p.left_at > $3)
     ORDER BY p.is_inside DESC, p.last_in_at LIMIT ${maxShown}`,
    [site.id, lotId, toTimestamp(now - leftLatelyMilliseconds)],
  );
}

/** Index: gate_push_by_end. */
async function listState({ db, site, now }: Context, lotId: string): Promise<ListState> {
  const [state] = await db.query<ListState>(
    `SELECT count(*) FILTER (WHERE state = 'waiting')::int AS waiting,
       count(*) FILTER (WHERE state = 'waiting' AND last_error IS NOT NULL)::int AS failing,
       count(*) FILTER (WHERE state = 'refused')::int AS refused,
       (array_agg(last_error ORDER BY changed_at DESC) FILTER (WHERE last_error IS NOT NULL AND state <> 'accepted'))[1] AS "lastError"
     FROM gate_push WHERE site_id = $1 AND lot_id = $2 AND ends_at > $3`,
    [site.id, lotId, toTimestamp(now)],
  );
  return state ?? { waiting: 0, failing: 0, refused: 0, lastError: null };
}

/** How many sights of a lot wait for somebody; a hundred stand for more. Index: gate_event_unmatched. */
async function countUnmatched({ db, site }: Context, lotId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT FROM gate_event WHERE site_id = $1 AND lot_id = $2 AND state = 'unmatched' LIMIT 100) AS counted`,
    [site.id, lotId],
  );
  return row?.count ?? 0;
}
