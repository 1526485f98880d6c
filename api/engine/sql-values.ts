import type { HalfOpen, Instant } from '../calendar/time.ts';

/** An instant as PostgreSQL reads it in any session time zone. */
export function toTimestamp(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** A half-open range of instants as a `tstzrange` literal. */
export function toRange({ startsAt, endsAt }: HalfOpen): string {
  return `[${toTimestamp(startsAt)},${toTimestamp(endsAt)})`;
}
