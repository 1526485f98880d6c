import type { Booking, Me, ResourceOf, Slot } from '$lib/api.ts';
import { daysBetween, type IsoDate } from '$lib/i18n/dates.ts';

export type Class = ResourceOf<'childcare'>;
export type Child = Me['children'][number];

/** One session of the summer with the places of every class in it. */
export interface Session {
  firstDay: IsoDate;
  lastDay: IsoDate;
  weeks: number;
  places: { room: Class; slot: Slot }[];
  remaining: number;
  capacity: number;
}

/** The sessions in their order, from the slots of all classes. */
export function sessionsOf(classes: readonly Class[], slots: readonly Slot[]): Session[] {
  const byFirstDay = Map.groupBy(slots, (slot) => slot.firstDay ?? slot.serviceDate);
  return [...byFirstDay]
    .map(([firstDay, ofSession]) => {
      const lastDay = ofSession[0]?.lastDay ?? firstDay;
      const open = ofSession.filter(({ state }) => state === 'open');
      return {
        firstDay,
        lastDay,
        weeks: Math.ceil((daysBetween(firstDay, lastDay) + 1) / 7),
        places: ofSession.flatMap((slot) => {
          const room = classes.find(({ id }) => id === slot.resourceId);
          return room === undefined ? [] : [{ room, slot }];
        }),
        remaining: open.reduce((sum, slot) => sum + slot.remaining, 0),
        capacity: ofSession.reduce((sum, slot) => sum + slot.capacity, 0),
      };
    })
    .toSorted((a, b) => (a.firstDay < b.firstDay ? -1 : 1));
}

/** Why a child cannot take a place, as far as the page can know; the API has the last word. Null: it can. */
export type Obstacle = { name: 'unverified' | 'grade' } | { name: 'enrolled'; bookingId: string };

export function obstacleOf(child: Child, room: Class, slot: Slot, enrolments: readonly Booking[]): Obstacle | null {
  const enrolled = enrolments.find(
    (booking) =>
      booking.kind === 'childcare' &&
      booking.details.childId === child.id &&
      Date.parse(booking.startsAt) < Date.parse(slot.endsAt) &&
      Date.parse(booking.endsAt) > Date.parse(slot.startsAt),
  );
  if (enrolled !== undefined) return { name: 'enrolled', bookingId: enrolled.id };
  if (!child.verified) return { name: 'unverified' };
  const { grades } = room.facts;
  const fits = grades === null || (child.grade !== null && child.grade >= grades.from && child.grade <= grades.to);
  return fits ? null : { name: 'grade' };
}
