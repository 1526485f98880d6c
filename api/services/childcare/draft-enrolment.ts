import { and, eq } from '../../../db/orm.ts';
import { child } from '../../../db/schema/index.ts';
import type { BookingDraft, Slot } from '../../engine/types.ts';
import type { Caller } from '../../people/caller.ts';
import { isUuid, lineOf, notFound, refuse, resourceOf, slotsOfKind, spanOf } from '../drafting.ts';
import type { Context, Resource, Wish } from '../service.ts';
import { classOf, daysOf, isGradeEligible, type SessionFacts } from './rules.ts';
import type { ChildcareBookingRequest } from './schemas.ts';

/** What is kept of an enrolment, to show it as it was booked. */
export type EnrolmentDetails = { title: { zh: string; en: string }; childId: string; childName: string } & SessionFacts;

/** Turns an enrolment into one place of the session; the child is the claimant of all of its days. */
export async function draftEnrolment(
  context: Context,
  caller: Caller,
  request: ChildcareBookingRequest,
): Promise<Wish> {
  const pupil = await ownChild(context, caller, request.childId);
  const session = (await slotsOfKind(context, 'childcare', [request.slotId]))?.[0];
  if (!pupil || !session) return notFound;
  const room = resourceOf(context, session.resourceId);
  if (pupil.verifiedAt === null) return refuse('child-unverified');
  const { facts, times } = classOf(room);
  if (!isGradeEligible(facts, pupil.grade)) return refuse('grade-not-eligible');
  return {
    ok: true,
    // A class that has sessions has times.
    offerMinutes: times?.offerMinutes ?? 0,
    draft: placeIn(room, session, pupil, context.site.timeZone),
  };
}

/** A child's place in a session of a class. */
export function placeIn(
  room: Resource,
  session: Slot,
  pupil: { id: string; name: string },
  zone: string,
): BookingDraft {
  const { startsAt, endsAt } = session;
  const details: EnrolmentDetails = {
    title: room.name,
    childId: pupil.id,
    childName: pupil.name,
    ...daysOf(startsAt, endsAt, zone),
  };
  return {
    kind: 'childcare',
    ...spanOf([session]),
    lines: [lineOf(session, 1)],
    claims: [{ claimantId: pupil.id, scope: 'care', during: { startsAt, endsAt } }],
    priceFen: session.priceFen,
    details,
  };
}

async function ownChild({ db, site }: Context, caller: Caller, childId: string) {
  if (!isUuid(childId)) return null;
  const rows = await db.orm
    .select()
    .from(child)
    .where(and(eq(child.siteId, site.id), eq(child.id, childId), eq(child.guardianId, caller.personId)));
  return rows[0] ?? null;
}
