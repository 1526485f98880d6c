import type { Booking, BookingState } from './api.ts';
import { bookingTitle } from './booking-words.ts';
import type { Wording } from './i18n/wording.ts';

export interface BookingWords {
  /** What it is, e.g. the canteen or the route. */
  title: string;
  /** When, without the date of its first day: `18:30–次日08:00`, `11:30–11:45 取餐`. */
  when: string;
  /** What of it: dishes, seats, plate, child. */
  line: string;
}

/** A booking in the few words of a list. */
export function bookingWords(booking: Booking, wording: Wording): BookingWords {
  const { t, dates, name } = wording;
  const title = bookingTitle(wording, booking);
  const words = t.bookings;
  const span = dates.span(booking.startsAt, booking.endsAt);
  switch (booking.kind) {
    case 'canteen': {
      const dishes = booking.details.items.map((item) => words.portions(name(item.name), item.quantity));
      return { title, when: words.pickUp(span), line: dishes.join(words.separator) };
    }
    case 'shuttle': {
      const { departsAt, arrivesAt, seats } = booking.details;
      return {
        title,
        when: dates.span(departsAt, arrivesAt),
        line: words.seats(seats),
      };
    }
    case 'parking': {
      const { nights, plateMasked } = booking.details;
      return {
        title,
        when: nights > 1 ? longSpan(booking, wording) : span,
        line: `${words.nights(nights)} · ${plateMasked}`,
      };
    }
    case 'childcare': {
      const { firstDay, lastDay, childName } = booking.details;
      return {
        title,
        when: `${dates.shortDate(firstDay)} – ${dates.shortDate(lastDay)}`,
        line: childName,
      };
    }
  }
}

type Tone = 'done' | 'info' | 'wait' | 'attention' | 'danger' | 'off';

/** The colour that goes with a booking's state, beside its word. */
export const bookingTones: Readonly<Record<BookingState, Tone>> = {
  held: 'wait',
  confirmed: 'done',
  checked_in: 'info',
  completed: 'off',
  cancelled: 'off',
  expired: 'off',
  no_show: 'danger',
  displaced: 'attention',
};

/** Whether the person may still cancel it free of charge, seen at an instant (RFC 3339). */
export const isCancellable = ({ state, cancellableUntil }: Booking, now: string): boolean =>
  (state === 'confirmed' || state === 'held') && Date.parse(now) < Date.parse(cancellableUntil);

/** Whether it is going on at an instant (RFC 3339); who has come already sees that instead. */
export const isOngoing = ({ state, startsAt, endsAt }: Booking, now: string): boolean =>
  state === 'confirmed' && Date.parse(startsAt) <= Date.parse(now) && Date.parse(now) < Date.parse(endsAt);

/** A stay of several nights: `18:30 – 11月30日 周一 08:00`. */
const longSpan = ({ startsAt, endsAt }: Booking, { dates }: Wording): string =>
  `${dates.time(startsAt)} – ${dates.timeFrom(endsAt, dates.dateOf(startsAt))}`;
