import { and, eq, inArray } from '../../../db/orm.ts';
import { child } from '../../../db/schema/index.ts';
import { mainResourceOf, metresBetween, nearest, slotsAround, type AlternativesOf } from '../nearest.ts';
import type { Context, PlacedBooking } from '../service.ts';
import { placeIn, type EnrolmentDetails } from './draft-enrolment.ts';
import { classOf, isGradeEligible } from './rules.ts';

/** What is offered to children who have to give way: the nearest other class that takes their grade, in the same session. */
export async function otherClasses(context: Context, bookings: readonly PlacedBooking[]): Promise<AlternativesOf> {
  const classes = [...context.catalogue.values()].filter(
    (resource) => resource.kind === 'childcare' && classOf(resource).times !== null,
  );
  const [slots, grades] = await Promise.all([
    slotsAround(context, classes, bookings),
    gradesOf(
      context,
      bookings.map(({ details }) => (details as EnrolmentDetails).childId),
    ),
  ]);
  return new Map(
    bookings.map((booking) => {
      const own = mainResourceOf(context, booking);
      const pupil = booking.details as EnrolmentDetails;
      const open = classes.filter(
        (room) => room.id !== own?.id && isGradeEligible(classOf(room).facts, grades.get(pupil.childId) ?? null),
      );
      const drafts = nearest(open, (room) => (own ? metresBetween(own, room) : Infinity)).flatMap((room) => {
        const session = (slots.get(room.id) ?? []).find(({ serviceDate }) => serviceDate === booking.serviceDate);
        const zone = context.site.timeZone;
        return session ? [placeIn(room, session, { id: pupil.childId, name: pupil.childName }, zone)] : [];
      });
      return [booking.id, { drafts, offerMinutes: (own && classOf(own).times?.offerMinutes) ?? 0 }];
    }),
  );
}

async function gradesOf({ db, site }: Context, childIds: readonly string[]): Promise<Map<string, number | null>> {
  const pupils = await db.orm
    .select({ id: child.id, grade: child.grade })
    .from(child)
    .where(and(eq(child.siteId, site.id), inArray(child.id, [...childIds])));
  return new Map(pupils.map(({ id, grade }) => [id, grade]));
}
