import type { Booking } from './api.ts';
import type { Wording } from './i18n/wording.ts';

/** Where a booking goes or what it is, in one line: `地铁9号线 → 光启园`, the lot, the canteen, the class. */
export function bookingTitle({ name }: Wording, booking: Booking): string {
  if (booking.kind !== 'shuttle') return name(booking.title);
  return `${name(booking.details.boardStop.name)} → ${name(booking.details.alightStop.name)}`;
}

/** The line under it: the date, and what else the person has to know at a glance. */
export function bookingLine({ t, dates }: Wording, booking: Booking): string {
  const date = dates.shortDate(booking.serviceDate);
  switch (booking.kind) {
    case 'parking':
      return `${date} · ${booking.details.plateMasked} · ${t.parking.leaveBy(dates.timeFrom(booking.details.leaveBy, booking.serviceDate))}`;
    case 'canteen':
      return `${date} · ${t.home.meals(booking.details.items.reduce((sum, { quantity }) => sum + quantity, 0))}`;
    case 'shuttle':
      return `${date} · ${t.shuttle.seatCount(booking.details.seats)}`;
    case 'childcare':
      return `${dates.shortDate(booking.details.firstDay)} – ${dates.shortDate(booking.details.lastDay)} · ${booking.details.childName}`;
  }
}
