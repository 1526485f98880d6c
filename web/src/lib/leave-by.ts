import type { Booking } from './api.ts';

/**
 * By when the car of a stay has to leave that goes on at an instant (RFC 3339): the end of the joined nights that it is in. Null when none of
 * them is going on.
 */
export function leaveByNow(lines: Booking['lines'], now: string): string | null {
  const at = Date.parse(now);
  const nights = lines.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  const current = nights.findIndex(({ startsAt, endsAt }) => Date.parse(startsAt) <= at && at < Date.parse(endsAt));
  if (current === -1) return null;
  let end = nights[current]?.endsAt ?? now;
  for (const night of nights.slice(current + 1)) {
    if (Date.parse(night.startsAt) > Date.parse(end)) break;
    end = night.endsAt;
  }
  return end;
}
