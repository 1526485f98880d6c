import { instantOf, plusDays, startOfDay } from './time.ts';
import type { HalfOpen, Instant, IsoDate, LocalTime } from './time.ts';
import { runsOn } from './working-days.ts';
import type { Basis, WorkingDays } from './working-days.ts';

/** What an agreement gives on days off: the whole day, the same window as always, or nothing. */
export type DaysOff = 'all-day' | 'night-only' | 'closed';

/** An agreement's service window, in local times; a `to` before `from` on the clock is on the next day. */
export type WindowRule = { from: LocalTime; to: LocalTime; basis: Basis; daysOff: DaysOff };

/**
 * The one slot of a service date, null where the agreement gives none. On a day of service it is the window. On a day off of an
 * all-day agreement it goes from the window's end to the same time a day later, so that a run of days off joins without a gap, from
 * the evening before it to the morning of the next working day (docs/domain.md, parking). A window within one day has no night to
 * join: all day is then the calendar day.
 *
 * Throws `NonexistentLocalTime` where the zone's clocks skip an end of the window, `RangeError` for an empty window.
 */
export function windowFor(rule: WindowRule, date: IsoDate, calendar: WorkingDays, zone: string): HalfOpen | null {
  const nextDate = plusDays(date, 1);
  if (runsOn(rule.basis, date, calendar) || rule.daysOff === 'night-only') {
    const endDate = isOvernight(rule) ? nextDate : date;
    return { startsAt: instantOf(date, rule.from, zone), endsAt: instantOf(endDate, rule.to, zone) };
  }
  if (rule.daysOff === 'closed') return null;
  return isOvernight(rule)
    ? { startsAt: instantOf(date, rule.to, zone), endsAt: instantOf(nextDate, rule.to, zone) }
    : { startsAt: startOfDay(date, zone), endsAt: startOfDay(nextDate, zone) };
}

/**
 * The last instant a car may stay that holds the whole run of joined slots which the date's slot belongs to: the window's end on the
 * next day of service (docs/domain.md, parking). Null where the date has no slot; throws as `windowFor`.
 */
export function leaveBy(rule: WindowRule, date: IsoDate, calendar: WorkingDays, zone: string): Instant | null {
  let last = date;
  while (joinsNextDate(rule, last, calendar)) last = plusDays(last, 1);
  return windowFor(rule, last, calendar, zone)?.endsAt ?? null;
}

/** Whether the slot of the next date begins where this date's ends: only the slot of a day off begins at an end. */
function joinsNextDate(rule: WindowRule, date: IsoDate, calendar: WorkingDays): boolean {
  if (rule.daysOff !== 'all-day' || runsOn(rule.basis, plusDays(date, 1), calendar)) return false;
  return isOvernight(rule) || !runsOn(rule.basis, date, calendar);
}

function isOvernight(rule: WindowRule): boolean {
  if (rule.from === rule.to) throw new RangeError(`a window from ${rule.from} to ${rule.to} is empty`);
  return rule.to < rule.from;
}
