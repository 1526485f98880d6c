import { plusDays, weekdayOf, type IsoDate } from '../../../calendar/time.ts';
import type { Basis } from '../../../calendar/working-days.ts';
import type { AgreementTimes } from '../rules.ts';

/** What an agreement lends of its lot, and when. */
export type Lending = {
  id: string;
  quota: number;
  window: { from: string; to: string };
  basis: Basis;
  daysOff: AgreementTimes['daysOff'];
  /** Service dates, both inclusive; null: without an end. */
  validFrom: IsoDate | null;
  validTo: IsoDate | null;
};

/** The most spaces that are lent at one time, when that is, and by which agreements. */
export type Peak = { spaces: number; date: IsoDate; minute: number; ids: string[] };

const dayMinutes = 1440;
/** Enough days after a change of what holds to see every pair of weekdays. */
const daysToSee = 8;

type Interval = { id: string; quota: number; from: number; to: number };

/**
 * The most that the agreements of a lot lend at one time from a date on. Official days off may fall on any date of a year that is not
 * published yet, so each date counts as a working day and as a day off: what can never be kept is refused before a calendar makes it so.
 * A slot belongs to its service date and ends at most at the same time a day later (docs/domain.md, service windows), so that a date
 * and the one before say all of it; what holds changes only at the ends of the agreements' validity.
 */
export function peakOf(lendings: readonly Lending[], from: IsoDate): Peak | null {
  let peak: Peak | null = null;
  for (const date of datesToSee(lendings, from)) {
    for (const [isOffBefore, isOff] of offDays) {
      const found = peakOn(lendings, date, isOffBefore, isOff);
      if (found !== null && (peak === null || found.spaces > peak.spaces)) peak = found;
    }
  }
  return peak;
}

const offDays = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** Dates from each change of what holds on. */
function datesToSee(lendings: readonly Lending[], from: IsoDate): Set<IsoDate> {
  const changes = lendings.flatMap(({ validFrom, validTo }) => [
    ...(validFrom === null ? [] : [validFrom]),
    ...(validTo === null ? [] : [plusDays(validTo, 1)]),
  ]);
  const starts = [from, ...changes.filter((date) => date > from)];
  return new Set(starts.flatMap((start) => Array.from({ length: daysToSee + 1 }, (_, days) => plusDays(start, days))));
}

/** The peak within a date, if it and the date before are official days off or not. */
function peakOn(lendings: readonly Lending[], date: IsoDate, isOffBefore: boolean, isOff: boolean): Peak | null {
  const before = plusDays(date, -1);
  const intervals = lendings.flatMap((lending) => [
    ...intervalOf(lending, before, isOffBefore, -dayMinutes),
    ...intervalOf(lending, date, isOff, 0),
  ]);
  let peak: Peak | null = null;
  for (const start of new Set(intervals.map((interval) => Math.max(0, interval.from)))) {
    if (start >= dayMinutes) continue;
    const together = intervals.filter((interval) => interval.from <= start && start < interval.to);
    const spaces = together.reduce((sum, { quota }) => sum + quota, 0);
    if (peak === null || spaces > peak.spaces)
      peak = { spaces, date, minute: start, ids: [...new Set(together.map(({ id }) => id))] };
  }
  return peak;
}

/** When the slot of a service date is, in minutes from the midnight at `midnight`; nothing where it has none. */
function intervalOf(lending: Lending, date: IsoDate, isOfficialOff: boolean, midnight: number): Interval[] {
  const { id, quota, basis, daysOff, validFrom, validTo } = lending;
  if ((validFrom !== null && date < validFrom) || (validTo !== null && date > validTo)) return [];
  const [opens, closes] = [minutesOf(lending.window.from), minutesOf(lending.window.to)];
  const isOvernight = closes < opens;
  const at = (from: number, to: number): Interval[] => [{ id, quota, from: midnight + from, to: midnight + to }];
  if (isServed(basis, date, isOfficialOff) || daysOff === 'night-only')
    return at(opens, isOvernight ? closes + dayMinutes : closes);
  if (daysOff === 'closed') return [];
  return isOvernight ? at(closes, closes + dayMinutes) : at(0, dayMinutes);
}

function isServed(basis: Basis, date: IsoDate, isOfficialOff: boolean): boolean {
  if (basis === 'daily') return true;
  return basis === 'workday' ? !isOfficialOff : weekdayOf(date) <= 5;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
