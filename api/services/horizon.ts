import { dateOf, endOfMonth, plusDays, type Instant } from '../calendar/time.ts';
import type { DateRange, Schedule } from './service.ts';

const minimumDaysAhead = 35;

/** The rolling horizon: from yesterday (last night's stay is still running) to the end of next month, at least 35 days ahead. */
export function horizon(now: Instant, zone: string): DateRange {
  const today = dateOf(now, zone);
  const endOfNextMonth = endOfMonth(plusDays(endOfMonth(today), 1));
  const minimum = plusDays(today, minimumDaysAhead);
  return { from: plusDays(today, -1), to: endOfNextMonth > minimum ? endOfNextMonth : minimum };
}

/** The part of some dates in which a schedule is valid; null when there is none. */
export function validWithin(
  { validFrom, validTo }: Pick<Schedule, 'validFrom' | 'validTo'>,
  dates: DateRange,
): DateRange | null {
  const from = validFrom !== null && validFrom > dates.from ? validFrom : dates.from;
  const to = validTo !== null && validTo < dates.to ? validTo : dates.to;
  return from <= to ? { from, to } : null;
}
