import { z } from 'zod';
import { leaveBy, windowFor, type WindowRule } from '../../calendar/windows.ts';
import { datesBetween, instantOf, minutesBefore, plusDays, type IsoDate } from '../../calendar/time.ts';
import { mayStillMove, type WorkingDays } from '../../calendar/working-days.ts';
import { fen, localized, type Localized } from '../../http/schemas.ts';
import { arrivalsOf, remindMinutesBefore } from '../arrivals.ts';
import { displaceFirst } from '../nearest.ts';
import type { DateRange, PublishedSlot, Resource, Schedule } from '../service.ts';
import { drawTerms, monthRefusals, monthRules, renewalTerms } from './months/month-rules.ts';

/** A wall time, `HH:MM`. */
export const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** What follows from staying too long; the defaults are those of domain.md, Parking. */
const overstayTerms = z.strictObject({
  graceMinutes: z.int().min(0).default(15),
  /** What an hour after the grace costs. */
  hourlyFen: fen.default(1_000),
  /** Overstays count for so long. */
  countedDays: z.int().min(1).default(90),
  /** So many of them are a warning, and so many a suspension of so many days. */
  warnAt: z.int().min(1).default(2),
  suspendAt: z.int().min(1).default(3),
  suspendDays: z.int().min(1).default(30),
  /** How long after they were told of one somebody may appeal. */
  appealDays: z.int().min(1).default(14),
  /** How long before its stay ends a driver who is inside is told to leave. */
  noticeMinutes: z.int().min(1).max(1440).default(30),
});

/** What the lot's gate is told, and how what it saw is read. */
const gateTerms = z.strictObject({
  /** How long before its stay a car that comes in is taken for it. */
  earlyMinutes: z.int().min(0).max(720).default(60),
  /** How long after its stay a car that goes out is taken for it, unless another stay of it has begun. */
  lateHours: z.int().min(0).max(168).default(48),
  /** How long sights are kept (docs/domain.md, retention: 90 days). */
  keepDays: z.int().min(1).max(366).default(90),
});
export type GateTerms = z.infer<typeof gateTerms>;

/** The terms of a gate that no agreement says anything of. */
export const usualGateTerms: GateTerms = gateTerms.parse({});

/** The terms of an agreement that are not times: kept in the resource's facts. */
export const agreementFacts = z.strictObject({
  lotKind: z.enum(['gated', 'staffed', 'onstreet-permit']),
  provider: z.enum(['park', 'compound', 'street']),
  /** Who may book: a compound's residents, or a group. */
  beneficiary: z.discriminatedUnion('group', [
    z.strictObject({ group: z.literal('compound'), organisationId: z.string(), name: localized }),
    z.strictObject({ group: z.literal('any-resident') }),
    z.strictObject({ group: z.literal('any-employee') }),
  ]),
  /** Price of a month's entitlement; null where only nights are sold. */
  monthlyFen: fen.nullable(),
  /** The lot whose spaces it lends. */
  lotId: z.string(),
  /** The agreement by which the beneficiary lends in return; the quotas are separate and never netted. */
  swapOf: z.string().nullable().default(null),
  /** When nothing may pass the gate; local times. */
  curfew: z.strictObject({ from: localTime, to: localTime }).nullable().default(null),
  /** How long before a night the lender may still take its spaces back. */
  withdrawNoticeHours: z.int().min(0).default(24),
  /** What a holder of a month gets for a night that they give back: nothing, or its share of the month's price. */
  releaseCredit: z.enum(['none', 'night-share']).default('night-share'),
  /** How a month's spaces are given out. */
  monthlyRound: z.enum(['first-come', 'draw']).default('first-come'),
  /** Where months are given out in order of asking. */
  renewal: renewalTerms.default(renewalTerms.parse({})),
  /** Where they are drawn. */
  drawDays: drawTerms.default(drawTerms.parse({})),
  overstay: overstayTerms.default(overstayTerms.parse({})),
  gate: gateTerms.default(usualGateTerms),
});
export type AgreementFacts = z.infer<typeof agreementFacts>;

/** The times of an agreement: kept in its schedule. Local times of the site. */
export const agreementTimes = z.strictObject({
  window: z.strictObject({ from: localTime, to: localTime }),
  daysOff: z.enum(['all-day', 'night-only', 'closed']),
  opensDaysBefore: z.int().min(0),
  /** A stay can still be booked after it has begun, until this long before its end. */
  closesMinutesBeforeEnd: z.int().min(0),
  cancelMinutesBeforeStart: z.int().min(0),
  /** How long somebody who waited, or was displaced, is offered a space. */
  offerMinutes: z.int().min(1),
  displaceFirst,
  remindMinutesBefore,
  /** When it lends nothing though it holds; dates, both inclusive. */
  suspensions: z.array(z.strictObject({ id: z.string(), from: z.string(), to: z.string() })).optional(),
});
export type AgreementTimes = z.infer<typeof agreementTimes>;

/** An agreement's terms and times out of the catalogue. @throws ZodError when the database holds something else. */
export function agreementOf(resource: Resource): { facts: AgreementFacts; times: AgreementTimes; schedule: Schedule } {
  const schedule = resource.schedules[0];
  if (!schedule) throw new Error(`agreement ${resource.id} has no schedule`);
  return { facts: agreementFacts.parse(resource.facts), times: agreementTimes.parse(schedule.rule), schedule };
}

/** One slot per service date on which the agreement lends its spaces (domain.md, Parking: "Slots are one per service date"). */
export function staysOf(schedule: Schedule, dates: DateRange, calendar: WorkingDays, zone: string): PublishedSlot[] {
  const times = agreementTimes.parse(schedule.rule);
  const rule = windowRule(schedule, times);
  return datesBetween(dates.from, dates.to).flatMap((date) => {
    if (isSuspended(times, date)) return [];
    const window = windowFor(rule, date, calendar, zone);
    const until = leaveBy(rule, date, calendar, zone);
    if (!window || until === null) return [];
    return [
      {
        ...window,
        serviceDate: date,
        part: '',
        capacity: schedule.capacity,
        priceFen: schedule.priceFen,
        opensAt: instantOf(plusDays(date, -times.opensDaysBefore), '00:00', zone),
        closesAt: minutesBefore(window.endsAt, times.closesMinutesBeforeEnd),
        cancelUntil: minutesBefore(window.startsAt, times.cancelMinutesBeforeStart),
        isProvisional: restsOnProvisionalDay(schedule, date, calendar),
        facts: { leaveBy: until },
        ...arrivalsOf(times, { startsAt: window.startsAt, opens: window.startsAt, closes: window.endsAt }),
      },
    ];
  });
}

function isSuspended({ suspensions = [] }: AgreementTimes, date: IsoDate): boolean {
  return suspensions.some(({ from, to }) => from <= date && date <= to);
}

/** Whether a stay's times may still move: it, or the morning after it, lies in a year without a published calendar. */
function restsOnProvisionalDay(schedule: Schedule, date: IsoDate, calendar: WorkingDays): boolean {
  return [date, plusDays(date, 1)].some((day) => mayStillMove(schedule.basis, day, calendar));
}

function windowRule(schedule: Schedule, times: AgreementTimes): WindowRule {
  return { ...times.window, basis: schedule.basis, daysOff: times.daysOff };
}

/** A month costs its nights, but never more than the month's price. Fen. */
export function monthPriceFen(nights: number, nightlyFen: number, monthlyFen: number): number {
  return Math.min(nights * nightlyFen, monthlyFen);
}

/** The sentences to show before a stay is confirmed. */
export function stayRules(resource: Resource): { name: string; text: Localized }[] {
  const { facts, times } = agreementOf(resource);
  const { from, to } = times.window;
  const overnight = to < from;
  const rules = [
    {
      name: 'window',
      text: {
        zh: `每天 ${from} 后入场，${overnight ? '次日' : '当天'} ${to} 前离场。`,
        en: `Enter after ${from} and leave by ${to}${overnight ? ' the next morning' : ''}.`,
      },
    },
    daysOffRule(times),
    {
      name: 'cancellation',
      text: { zh: '开始前可免费取消。', en: 'Cancel free of charge until the stay begins.' },
    },
    {
      name: 'space',
      text:
        facts.lotKind === 'onstreet-permit'
          ? { zh: '路侧停车：有停放资格，不指定车位。', en: 'Street parking: a right to park, not a numbered bay.' }
          : { zh: '凭车牌入场，不指定车位。', en: 'Your plate opens the gate; bays are not numbered.' },
    },
  ];
  rules.push(...monthRules(facts));
  rules.push({
    name: 'payment',
    text: { zh: '现在不收款，费用由车场收取。', en: 'Nothing is charged now; the lot collects the fee.' },
  });
  if (times.cancelMinutesBeforeStart > 0) {
    rules[2] = {
      name: 'cancellation',
      text: {
        zh: `开始前 ${times.cancelMinutesBeforeStart} 分钟可免费取消。`,
        en: `Cancel free of charge until ${times.cancelMinutesBeforeStart} minutes before the stay.`,
      },
    };
  }
  return rules;
}

function daysOffRule({ daysOff, window }: AgreementTimes): { name: string; text: Localized } {
  const texts: Record<AgreementTimes['daysOff'], Localized> = {
    'all-day': {
      zh: `双休日和节假日全天可停；连订的，最后一天 ${window.to} 前离场。`,
      en: `All day on weekends and holidays; when you hold the whole run, leave by ${window.to} on the first working day.`,
    },
    'night-only': { zh: '节假日同样只限夜间。', en: 'Nights only, on days off as well.' },
    closed: { zh: '双休日和节假日不开放。', en: 'Closed on weekends and holidays.' },
  };
  return { name: 'days-off', text: texts[daysOff] };
}

/** The group that an agreement is for, in words. */
export function beneficiaryName({ beneficiary }: AgreementFacts): Localized {
  if (beneficiary.group === 'compound') return beneficiary.name;
  return beneficiary.group === 'any-resident'
    ? { zh: '周边居民', en: 'Residents nearby' }
    : { zh: '园区员工', en: 'Employees of the park' };
}

/** Why parking refuses, and what to do about it; by rule. */
export const parkingRefusals = {
  'vehicle-unverified': {
    zh: '这辆车还没有通过核验，请联系居委或园区物业核验后再预约。',
    en: 'This vehicle is not verified yet. Ask your residents’ committee or the park to verify it, then book.',
  },
  'not-a-beneficiary': {
    zh: '这个车场只对协议约定的居民或员工开放，请选择其他车场。',
    en: 'This lot is for the group named in its agreement. Please choose another lot.',
  },
  'one-lot': {
    zh: '一次预约只能选同一个车场，请分开预约。',
    en: 'One booking is for one lot. Please book each lot by itself.',
  },
  'no-monthly': {
    zh: '这个车场只按次预约，请按晚选择。',
    en: 'This lot sells single nights only. Please choose nights.',
  },
  ...monthRefusals,
  'month-past': { zh: '这个月已经结束，请选择之后的月份。', en: 'That month is over. Please choose a later one.' },
  'month-full': {
    zh: '这个月的车位已经订满，请选择其他月份或车场。',
    en: 'Every night of that month is taken. Please choose another month or lot.',
  },
  'month-not-open': {
    zh: '这个月还没有开放预约，请稍后再来。',
    en: 'That month is not open yet. Please come back later.',
  },
  'sight-resolved': {
    zh: '这条记录已经处理过了，请刷新页面。',
    en: 'This sight was dealt with already. Please load the page again.',
  },
  'not-at-that-time': {
    zh: '这个预约不包含该时间，请选择其他预约。',
    en: 'That booking does not cover the time of the sight. Please choose another.',
  },
  suspended: {
    zh: '因多次超时停放，您暂时不能预约这家提供的车位；已有的预约不受影响。可在“履约记录”中查看到期时间，或提出申诉。',
    en: 'After several overstays you cannot book these spaces for now; what you have booked stays. See until when, or appeal, in your parking record.',
  },
  'appeal-once': { zh: '这次超时已经申诉过了。', en: 'You have appealed against this overstay already.' },
  'appeal-too-late': {
    zh: '申诉期限已过。如有特殊情况，请联系园区管理员。',
    en: 'The time to appeal has passed. Please talk to the site administrator.',
  },
  'no-appeal': { zh: '没有待处理的申诉。', en: 'There is no appeal to decide on.' },
  'overstay-settled': {
    zh: '这次超时已经免除、撤销或申诉成功，不用再处理。',
    en: 'This overstay is waived, void or won on appeal already: there is nothing left to do.',
  },
  'administrator-decides': {
    zh: '申诉和免除由园区管理员决定，您可以留下意见。',
    en: 'Appeals and waivers are for the site administrator; you may leave a comment.',
  },
  'own-overstay': {
    zh: '不能处理自己的超时，请由另一位管理员决定。',
    en: 'Nobody decides on their own overstay. Please leave it to another administrator.',
  },
} satisfies Record<string, Localized>;
