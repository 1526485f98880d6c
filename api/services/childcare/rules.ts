import { z } from 'zod';
import {
  dateOf,
  datesBetween,
  instantOf,
  plusDays,
  weekdayOf,
  type Instant,
  type IsoDate,
} from '../../calendar/time.ts';
import { mayStillMove, type WorkingDays } from '../../calendar/working-days.ts';
import { isoDate, type Localized } from '../../http/schemas.ts';
import { arrivalsOf, remindMinutesBefore } from '../arrivals.ts';
import { displaceFirst } from '../nearest.ts';
import type { DateRange, PublishedSlot, Resource, Schedule } from '../service.ts';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const dayOfYear = z.strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31) });

/** What is public of a class beside its times. */
export const classFacts = z.strictObject({
  type: z.enum(['summer', 'nursery-intent']),
  grades: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  ageMonths: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  extendedTo: localTime.nullable(),
});
export type ClassFacts = z.infer<typeof classFacts>;

/**
 * The sessions of a class, year after year. Session n of a summer begins on the first Monday on or after `firstMonday`, `startWeek`
 * weeks later, and ends on the Friday of its last week.
 */
export const sessionTimes = z.strictObject({
  hours: z.strictObject({ from: localTime, to: localTime }),
  firstMonday: dayOfYear,
  sessions: z.array(z.strictObject({ startWeek: z.int().min(0), weeks: z.int().min(1) })).min(1),
  /** When first-come enrolment opens, in the year before the session. */
  enrolmentOpens: dayOfYear.extend({ at: localTime }),
  cancelDaysBefore: z.int().min(0),
  /** How long somebody who waited, or was displaced, is offered a place (domain.md: 24 hours). */
  offerMinutes: z.int().min(1),
  displaceFirst,
  remindMinutesBefore,
});
export type SessionTimes = z.infer<typeof sessionTimes>;

/** What a session's slot says beside its times. */
export const sessionFacts = z.strictObject({ firstDay: isoDate, lastDay: isoDate });
export type SessionFacts = z.infer<typeof sessionFacts>;

/** A class out of the catalogue; a nursery has no schedule. @throws ZodError when the database holds something else. */
export function classOf(resource: Resource) {
  const schedule = resource.schedules[0];
  return {
    facts: classFacts.parse(resource.facts),
    schedule: schedule ?? null,
    times: schedule ? sessionTimes.parse(schedule.rule) : null,
  };
}

/** The sessions of one year, first and last day of each. */
export function sessionsOfYear({ firstMonday, sessions }: SessionTimes, year: number): SessionFacts[] {
  const anchor = firstMondayFrom(`${year}-${twoDigits(firstMonday.month)}-${twoDigits(firstMonday.day)}`);
  return sessions.map(({ startWeek, weeks }) => {
    const firstDay = plusDays(anchor, startWeek * 7);
    return { firstDay, lastDay: plusDays(firstDay, weeks * 7 - 3) };
  });
}

/** The next summer's sessions: of the first year whose last session has not begun yet. */
export function nextSessions(times: SessionTimes, today: IsoDate): SessionFacts[] {
  const year = Number(today.slice(0, 4));
  const thisYear = sessionsOfYear(times, year);
  return (thisYear.at(-1)?.firstDay ?? '') > today ? thisYear : sessionsOfYear(times, year + 1);
}

/**
 * One slot per session: a place for its whole length. Dates are published ahead, so the summer after the next one is there before
 * the next one's last session begins: there is always a class to enrol in.
 */
export function sessionSlotsOf(
  schedule: Schedule,
  dates: DateRange,
  calendar: WorkingDays,
  zone: string,
): PublishedSlot[] {
  const times = sessionTimes.parse(schedule.rule);
  return sessionsAhead(times, dates).map(({ session, part }) => {
    const startsAt = instantOf(session.firstDay, times.hours.from, zone);
    const endsAt = instantOf(session.lastDay, times.hours.to, zone);
    return {
      serviceDate: session.firstDay,
      part,
      startsAt,
      endsAt,
      capacity: schedule.capacity,
      priceFen: schedule.priceFen,
      opensAt: enrolmentOpensAt(times, session, zone),
      closesAt: startsAt,
      cancelUntil: instantOf(plusDays(session.firstDay, -times.cancelDaysBefore), '00:00', zone),
      isProvisional: datesBetween(session.firstDay, session.lastDay).some((date) =>
        mayStillMove('workday', date, calendar),
      ),
      facts: session,
      ...arrivalsOf(times, { startsAt, opens: startsAt, closes: endsAt }),
    };
  });
}

/** The sessions of the summers that are next at either end of the dates. */
function sessionsAhead(times: SessionTimes, { from, to }: DateRange) {
  const years = new Map(
    [from, to].map((today) => [nextSessions(times, today)[0]?.firstDay, nextSessions(times, today)]),
  );
  return [...years.values()].flatMap((sessions) =>
    sessions.map((session, index) => ({ session, part: `session-${index + 1}` })),
  );
}

function enrolmentOpensAt({ enrolmentOpens }: SessionTimes, session: SessionFacts, zone: string): Instant {
  const year = Number(session.firstDay.slice(0, 4)) - 1;
  return instantOf(
    `${year}-${twoDigits(enrolmentOpens.month)}-${twoDigits(enrolmentOpens.day)}`,
    enrolmentOpens.at,
    zone,
  );
}

function firstMondayFrom(date: IsoDate): IsoDate {
  return plusDays(date, (8 - weekdayOf(date)) % 7);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** Whether a child of this grade may join; a class without grades takes any. */
export function isGradeEligible({ grades }: ClassFacts, grade: number | null): boolean {
  return grades === null || (grade !== null && grade >= grades.from && grade <= grades.to);
}

/** The first and last day of a session's slot in local dates. */
export function daysOf(startsAt: Instant, endsAt: Instant, zone: string): SessionFacts {
  return { firstDay: dateOf(startsAt, zone), lastDay: dateOf(endsAt, zone) };
}

/** The sentences to show before a place is confirmed. */
export function enrolmentRules(resource: Resource): { name: string; text: Localized }[] {
  const { facts, times } = classOf(resource);
  if (!times) {
    return [
      {
        name: 'intent-only',
        text: {
          zh: '托班只登记意向，是否录取由幼儿园决定。',
          en: 'A nursery takes registrations of intent; the kindergarten decides about places.',
        },
      },
    ];
  }
  return [
    {
      name: 'refund',
      text: {
        zh: `开班 ${times.cancelDaysBefore} 天前退班，全额退费。`,
        en: `Withdraw at least ${times.cancelDaysBefore} days before the first day for a full refund.`,
      },
    },
    {
      name: 'payment',
      text: { zh: '现在不收款，费用由办班方收取。', en: 'Nothing is charged now; the organiser collects the fee.' },
    },
    {
      name: 'hours',
      text: {
        zh: `周一至周五 ${times.hours.from}–${times.hours.to}，含午餐${facts.extendedTo ? `，可延时至 ${facts.extendedTo}` : ''}。`,
        en: `Monday to Friday ${times.hours.from}–${times.hours.to}, lunch included${facts.extendedTo ? `, late care until ${facts.extendedTo}` : ''}.`,
      },
    },
  ];
}

/** Why summer care refuses, and what to do about it; by rule. */
export const childcareRefusals = {
  'child-unverified': {
    zh: '监护关系还没有核验，请先联系园区工会核验。',
    en: 'The binding of guardian and child is not verified yet. Ask the park’s union to verify it, then enrol.',
  },
  'grade-not-eligible': {
    zh: '这个班不招收孩子所在的年级，请选择其他班级。',
    en: 'This class does not take your child’s grade. Please choose another class.',
  },
} satisfies Record<string, Localized>;
