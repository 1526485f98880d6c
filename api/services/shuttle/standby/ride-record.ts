import { toText, type Instant } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import { searchBookings, type KeptBooking } from '../../bookings.ts';
import type { Context } from '../../service.ts';
import type { RideDetails } from '../draft-seats.ts';
import { standingFor } from './missed-rides.ts';
import { noShowsById, type KeptNoShow } from './no-shows.ts';
import type { RideRecord } from './no-show-schemas.ts';

/** A page of a person's rides that are over, latest first, with one more than asked for when there are more. */
export async function pastRides(
  { db, site, now }: Context,
  caller: Caller,
  page: { after: { startsAt: Instant; id: string } | null; limit: number },
): Promise<KeptBooking[]> {
  return searchBookings(db, {
    siteId: site.id,
    personId: caller.personId,
    resourceId: null,
    kind: 'shuttle',
    state: null,
    when: 'past',
    now,
    ...page,
  });
}

/** Rides as the record shows them; offers that lapsed were none. */
export async function presentRides({ db, site }: Context, rides: readonly KeptBooking[]): Promise<RideRecord['items']> {
  const missed = await noShowsById(
    db,
    site.id,
    rides.flatMap(({ id, state }) => (state === 'no_show' ? [id] : [])),
  );
  return rides.flatMap((ride) => {
    const outcome = outcomeOf(ride, missed.get(ride.id));
    if (outcome === null) return [];
    const { title, boardStop, alightStop, seats } = ride.details as RideDetails;
    const { excuse } = missed.get(ride.id) ?? { excuse: null };
    return {
      bookingId: ride.id,
      title,
      departsAt: toText(ride.startsAt, site.timeZone),
      boardStop,
      alightStop,
      seats,
      outcome,
      reason: outcome === 'excused' ? (excuse?.reason ?? null) : null,
    };
  });
}

type Outcome = RideRecord['items'][number]['outcome'];

/** Null for what never was a ride. */
function outcomeOf({ state }: KeptBooking, missed: KeptNoShow | undefined): Outcome | null {
  if (state === 'no_show') {
    if (missed?.isCancelled) return 'displaced';
    return missed?.excuse && missed.excuse.undoneAt === null ? 'excused' : 'no-show';
  }
  if (state === 'checked_in' || state === 'completed') return 'rode';
  return state === 'cancelled' || state === 'displaced' ? state : null;
}

/** Where a person stands, as the record shows it. */
export async function presentStanding(context: Context, personId: string): Promise<RideRecord['standing']> {
  const standing = await standingFor(context, personId);
  if (!standing) return null;
  const { count, blockedUntil, terms } = standing;
  return { count, blockedUntil: blockedUntil === null ? null : toText(blockedUntil, context.site.timeZone), ...terms };
}
