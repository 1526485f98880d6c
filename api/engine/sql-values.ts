import { remembering } from '../calendar/remembering.ts';
import type { HalfOpen, Instant } from '../calendar/time.ts';

const maxRemembered = 1_000;

/** An instant as PostgreSQL reads it in any session time zone. The bookings of a batch have most of theirs in common. */
export const toTimestamp = remembering(maxRemembered, (instant: Instant): string => new Date(instant).toISOString());

/** A half-open range of instants as a `tstzrange` literal. */
export function toRange({ startsAt, endsAt }: HalfOpen): string {
  return `[${toTimestamp(startsAt)},${toTimestamp(endsAt)})`;
}
