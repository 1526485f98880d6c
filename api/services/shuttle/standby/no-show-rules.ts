import { minutesAfter, minutesBefore, type Instant } from '../../../calendar/time.ts';
import type { RunTimes } from '../run-rules.ts';

/** When no-shows block booking ahead: a setting of a run's schedule (domain.md: 3 in 30 days, 7 days). */
export type NoShowTerms = NonNullable<RunTimes['noShows']>;

const days = (count: number): number => count * 1_440;

/** How far back no-shows may still matter. */
export const sinceWhen = (terms: NoShowTerms, now: Instant): Instant =>
  minutesBefore(now, days(terms.countedDays + terms.blockDays));

/** Where somebody stands: how many no-shows count now, and until when they may not book ahead; null when they may. */
export type NoShowStanding = { count: number; blockedUntil: Instant | null };

/**
 * Whoever did not come `blockAt` times within `countedDays` may not book ahead for `blockDays` days from the last of these on. A further one
 * within those days blocks anew. `missed` are the starts of the rides that count, in any order.
 */
export function standingOf(missed: readonly Instant[], terms: NoShowTerms, now: Instant): NoShowStanding {
  const counting = (until: Instant) =>
    missed.filter((at) => at <= until && at > minutesBefore(until, days(terms.countedDays))).length;
  const ends = missed
    .filter((at) => at <= now && counting(at) >= terms.blockAt)
    .map((at) => minutesAfter(at, days(terms.blockDays)));
  const blockedUntil = Math.max(...ends, -Infinity);
  return { count: counting(now), blockedUntil: blockedUntil > now ? blockedUntil : null };
}
