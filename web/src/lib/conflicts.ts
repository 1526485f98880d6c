import type { Booking } from './api.ts';

/** Kinds that the person attends in the body; a parked car or a child in class leaves the parent free. */
const attended: readonly Booking['kind'][] = ['shuttle', 'canteen'];

/** The caller's own booking that would have them in two places at once, or null. */
export function conflictWith(bookings: readonly Booking[], span: { startsAt: string; endsAt: string }): Booking | null {
  const [start, end] = [Date.parse(span.startsAt), Date.parse(span.endsAt)];
  const isInTheWay = (booking: Booking) =>
    attended.includes(booking.kind) && Date.parse(booking.startsAt) < end && Date.parse(booking.endsAt) > start;
  return bookings.find(isInTheWay) ?? null;
}
