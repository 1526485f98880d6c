import { datesBetween, weekdayOf, type IsoDate } from '../../../calendar/time.ts';
import { runsOn, type Basis, type WorkingDays } from '../../../calendar/working-days.ts';
import type { DateRange } from '../../service.ts';

/** The dates on which some trips run: a weekly pattern within a range, and the dates on which it is otherwise. */
export type ServiceDays = {
  id: string;
  range: DateRange;
  /** From Monday to Sunday. */
  weekdays: readonly boolean[];
  added: IsoDate[];
  removed: IsoDate[];
};

/** What a weekly pattern of a basis is, before holidays and make-up working days. */
const patterns: Readonly<Record<Basis, readonly boolean[]>> = {
  workday: [true, true, true, true, true, false, false],
  weekday: [true, true, true, true, true, false, false],
  daily: [true, true, true, true, true, true, true],
};

/**
 * The days of service of a basis within a range, exactly as the calendar has them: its pattern, the make-up working days that are added
 * to it and the days off that are taken out. Where no calendar is published, those of its provisional days.
 */
export function serviceDays(id: string, basis: Basis, range: DateRange, calendar: WorkingDays): ServiceDays {
  const weekdays = patterns[basis];
  const dates = datesBetween(range.from, range.to);
  const isInPattern = (date: IsoDate) => weekdays[weekdayOf(date) - 1] === true;
  return {
    id,
    range,
    weekdays,
    added: dates.filter((date) => runsOn(basis, date, calendar) && !isInPattern(date)),
    removed: dates.filter((date) => !runsOn(basis, date, calendar) && isInPattern(date)),
  };
}

/** A date as GTFS writes it: `20261123`. */
export const compact = (date: IsoDate): string => date.replaceAll('-', '');
