import { datesBetween, instantOf, plusDays, weekdayOf, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { runsOn, type WorkingDays } from '../../../calendar/working-days.ts';
import type { Admission } from '../../../engine/types.ts';
import type { Localized } from '../../../http/schemas.ts';
import type { Resource, WishRefusal } from '../../service.ts';
import { runAround, runOn } from '../run-rules.ts';

/** As `standing_ride_day` keeps it. */
export type StandingOutcome = 'booked' | 'waiting' | 'full' | 'overlap' | 'not-running' | 'refused';

/** What came of a day. */
export type Decided = {
  outcome: StandingOutcome;
  rule: string | null;
  bookingId: string | null;
  waitlistId: number | null;
};

/**
 * The dates that a standing ride is meant for: its weekdays, or every working day of the calendar, make-up Saturdays as well. Days off from
 * Monday to Friday are among them, so that the report says why nothing is booked on them.
 */
export function wishedDates(
  { firstDate, lastDate, weekdays }: { firstDate: IsoDate; lastDate: IsoDate; weekdays: readonly number[] },
  calendar: WorkingDays,
): IsoDate[] {
  const isMeant = (date: IsoDate) =>
    weekdays.length > 0 ? weekdays.includes(weekdayOf(date)) : calendar.isWorkday(date) || weekdayOf(date) <= 5;
  return datesBetween(firstDate, lastDate).filter(isMeant);
}

/** When the seats of a date begin to be sold, by the timetable. */
export function opensAt(run: Resource, date: IsoDate, zone: string): Instant {
  return instantOf(plusDays(date, -runAround(run, date).times.opensDaysBefore), '00:00', zone);
}

/** Whether the timetable and the calendar have a run on a date; a dispatcher may still cancel it, or add it. */
export function isPlanned(run: Resource, date: IsoDate, calendar: WorkingDays): boolean {
  const planned = runOn(run, date);
  return planned !== null && runsOn(planned.schedule.basis, date, calendar);
}

const nothing = { rule: null, bookingId: null, waitlistId: null };
export const notRunning: Decided = { ...nothing, outcome: 'not-running' };

/** What the report says of what the service or the engine answered; null for a draft that has to be made anew. */
export function outcomeOf(answer: Admission | WishRefusal): Decided | null {
  if (answer.ok) {
    return 'entryId' in answer
      ? { ...nothing, outcome: 'waiting', waitlistId: answer.entryId }
      : { ...nothing, outcome: 'booked', bookingId: answer.bookingIds[0] ?? null };
  }
  switch (answer.problem) {
    case 'slot-full':
      return { ...nothing, outcome: 'full' };
    case 'overlap':
      return { ...nothing, outcome: 'overlap', bookingId: answer.bookingId };
    case 'rule': {
      const isOff = answer.rule === 'slot-closed' || answer.rule === 'not-running';
      return isOff ? { ...notRunning, rule: answer.rule } : { ...nothing, outcome: 'refused', rule: answer.rule };
    }
    case 'stale-draft':
      return null;
    case 'not-found':
    case 'unknown-slot':
    case 'key-reused':
      return notRunning;
  }
}

/** Whether the rider is told of a day: not of one that went well, nor of one on which nobody runs anyway. */
export const isTold = ({ outcome, rule }: Decided): boolean =>
  outcome !== 'booked' && (outcome !== 'not-running' || rule === 'slot-closed');

/** Why a standing ride is refused, and what to do about it; by rule. */
export const standingRefusals = {
  'standing-over': {
    zh: '结束日期已经过去，请选择今天或以后的日期。',
    en: 'The last day is over. Please choose today or a later one.',
  },
  'standing-too-long': {
    zh: '时间跨度太长，请选择近一些的结束日期，到期前再续。',
    en: 'That is too long. Please choose an earlier last day and renew it before it ends.',
  },
  'standing-too-many': {
    zh: '固定乘车已达上限，请先结束一个不用的。',
    en: 'You have as many regular rides as one may have. Please end one that you do not need.',
  },
  'standing-no-days': {
    zh: '这段时间里没有符合的日子，请改日期或星期。',
    en: 'There is no such day between these dates. Please change the dates or weekdays.',
  },
  'standing-ended': {
    zh: '这个固定乘车已经结束，请新建一个。',
    en: 'This regular ride has ended. Please make a new one.',
  },
} satisfies Record<string, Localized>;
