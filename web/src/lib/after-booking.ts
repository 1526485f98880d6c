import type { Booking } from './api.ts';

/** Where to go from here: to the new booking, or to the queues when it is a place in one. */
export function afterBooking(made: Pick<Booking, 'id'> | { id: string; position: number | null }): string {
  return 'position' in made ? '/bookings?joined=1' : `/bookings/${made.id}?new=1`;
}

/** What the button "wait in line" adds to a request. */
export function waitingFrom(form: FormData): { joinWaitlist?: true } {
  return form.has('waitlist') ? { joinWaitlist: true } : {};
}
