import type { HalfOpen, Instant } from '../calendar/time.ts';

const maxRemembered = 1_000;
const remembered = new Map<Instant, string>();

/** An instant as PostgreSQL reads it in any session time zone. The bookings of a batch have most of theirs in common. */
export function toTimestamp(instant: Instant): string {
  const known = remembered.get(instant);
  if (known !== undefined) return known;
  const text = new Date(instant).toISOString();
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(instant, text);
  return text;
}

/** A half-open range of instants as a `tstzrange` literal. */
export function toRange({ startsAt, endsAt }: HalfOpen): string {
  return `[${toTimestamp(startsAt)},${toTimestamp(endsAt)})`;
}
