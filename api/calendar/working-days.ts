import { weekdayOf } from './time.ts';
import type { IsoDate } from './time.ts';

/** One date of the official calendar; `provisional` until the State Council's notice for its year is imported. */
export type CalendarDay = {
  date: IsoDate;
  kind: 'off' | 'workday';
  name: { zh: string; en: string } | null;
  source: string;
  status: 'published' | 'provisional';
};

/**
 * Which days count as days of service: `workday` is the official calendar with its make-up weekends, `weekday` is Monday to Friday
 * as street signs literally say, `daily` is every day (docs/domain.md, the calendar).
 */
export type Basis = 'workday' | 'weekday' | 'daily';

/** The official calendar, answering for every date, known or not. */
export type WorkingDays = {
  isWorkday(date: IsoDate): boolean;
  isOffDay(date: IsoDate): boolean;
  /** True while what is said about the date may still be moved by a publication. */
  isProvisional(date: IsoDate): boolean;
  /** The listed day, or what Monday to Friday makes of it, with source `weekend-rule`. */
  day(date: IsoDate): CalendarDay;
};

/**
 * Makes the calendar from its listed days. A published notice lists only the exceptions, so an unlisted date follows Monday to
 * Friday; in a year without any published day it does so provisionally. Throws when a date is listed twice.
 */
export function workingDays(days: readonly CalendarDay[]): WorkingDays {
  const listed = new Map(days.map((day) => [day.date, day]));
  if (listed.size !== days.length) throw new Error('the calendar lists a date twice');
  const publishedYears = new Set(days.filter((day) => day.status === 'published').map((day) => yearOf(day.date)));

  const isOffDay = (date: IsoDate) => (listed.get(date)?.kind ?? kindByWeekday(date)) === 'off';
  const isProvisional = (date: IsoDate) =>
    listed.get(date)?.status === 'provisional' || !publishedYears.has(yearOf(date));

  return {
    isOffDay,
    isWorkday: (date) => !isOffDay(date),
    isProvisional,
    day: (date) =>
      listed.get(date) ?? {
        date,
        kind: kindByWeekday(date),
        name: null,
        source: 'weekend-rule',
        status: isProvisional(date) ? 'provisional' : 'published',
      },
  };
}

/** Whether the date is a day of service on this basis. */
export function runsOn(basis: Basis, date: IsoDate, calendar: WorkingDays): boolean {
  if (basis === 'daily') return true;
  return basis === 'workday' ? calendar.isWorkday(date) : kindByWeekday(date) === 'workday';
}

/** Whether a publication may still change `runsOn`: only the official calendar is ever provisional. */
export function mayStillMove(basis: Basis, date: IsoDate, calendar: WorkingDays): boolean {
  return basis === 'workday' && calendar.isProvisional(date);
}

function kindByWeekday(date: IsoDate): CalendarDay['kind'] {
  return weekdayOf(date) <= 5 ? 'workday' : 'off';
}

function yearOf(date: IsoDate): string {
  return date.slice(0, 4);
}
