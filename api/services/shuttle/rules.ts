import { z } from 'zod';
import { datesBetween, instantOf, minutesAfter, minutesBefore, plusDays } from '../../calendar/time.ts';
import { mayStillMove, runsOn, type WorkingDays } from '../../calendar/working-days.ts';
import { localized, type Localized } from '../../http/schemas.ts';
import { arrivalsOf, checkInRule, noShowRule, remindMinutesBefore } from '../arrivals.ts';
import { displaceFirst } from '../nearest.ts';
import type { DateRange, PublishedSlot, Resource, Schedule } from '../service.ts';

/** A run's stops in its own order; offsets in minutes from its departure. */
export const runFacts = z.strictObject({
  run: z.int(),
  direction: z.enum(['inbound', 'outbound']),
  stops: z
    .array(
      z.strictObject({
        stopId: z.string(),
        name: localized,
        lat: z.number(),
        lng: z.number(),
        offsetMinutes: z.int().min(0),
      }),
    )
    .min(2),
});
export type RunFacts = z.infer<typeof runFacts>;

/** When a run leaves its first stop, and when its seats are sold. Local times of the site. */
export const runTimes = z.strictObject({
  departs: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  opensDaysBefore: z.int().min(0),
  closesMinutesBefore: z.int().min(0),
  cancelMinutesBefore: z.int().min(0),
  /** How long somebody who waited, or was displaced, is offered a seat. */
  offerMinutes: z.int().min(1),
  displaceFirst,
  /** Around the departure at the stop where somebody boards. */
  checkIn: checkInRule,
  remindMinutesBefore,
});
export type RunTimes = z.infer<typeof runTimes>;

/** What a leg's slot says beside its times. */
export type LegFacts = { fromStopId: string; toStopId: string };

type Run = { facts: RunFacts; times: RunTimes };
/** The catalogue is kept for seconds and asked for every ride. */
const read = new WeakMap<Resource, Run>();

/** A run out of the catalogue. @throws ZodError when the database holds something else. */
export function runOf(resource: Resource): Run {
  const known = read.get(resource);
  if (known) return known;
  const schedule = resource.schedules[0];
  if (!schedule) throw new Error(`run ${resource.id} has no schedule`);
  const run = { facts: runFacts.parse(resource.facts), times: runTimes.parse(schedule.rule) };
  read.set(resource, run);
  return run;
}

/** One slot per leg between neighbouring stops: a seat that is free from the third stop on can be sold from there on. */
export function legsOf(
  resource: Resource,
  schedule: Schedule,
  dates: DateRange,
  calendar: WorkingDays,
  zone: string,
): PublishedSlot[] {
  const { stops } = runFacts.parse(resource.facts);
  const times = runTimes.parse(schedule.rule);
  const runDates = datesBetween(dates.from, dates.to).filter((date) => runsOn(schedule.basis, date, calendar));
  return runDates.flatMap((date) => {
    const departure = instantOf(date, times.departs, zone);
    const opensAt = instantOf(plusDays(date, -times.opensDaysBefore), '00:00', zone);
    return stops.slice(1).map((to, index) => {
      // `index` counts legs; the leg's first stop stands at the same index in the run.
      const from = stops[index] ?? to;
      const startsAt = minutesAfter(departure, from.offsetMinutes);
      const facts: LegFacts = { fromStopId: from.stopId, toStopId: to.stopId };
      return {
        serviceDate: date,
        part: `leg-${index + 1}`,
        startsAt,
        endsAt: minutesAfter(departure, to.offsetMinutes),
        capacity: schedule.capacity,
        priceFen: schedule.priceFen,
        opensAt,
        closesAt: minutesBefore(startsAt, times.closesMinutesBefore),
        cancelUntil: minutesBefore(startsAt, times.cancelMinutesBefore),
        isProvisional: mayStillMove(schedule.basis, date, calendar),
        facts,
        ...arrivalsOf(times, { startsAt, opens: startsAt, closes: startsAt }),
      };
    });
  });
}

/** The legs from one stop to another, as positions in the run; a rule's name when the run does not go that way. */
export function legsBetween(
  { stops }: RunFacts,
  boardStopId: string,
  alightStopId: string,
): { from: number; to: number } | 'stop-not-on-run' | 'wrong-direction' {
  const from = stops.findIndex(({ stopId }) => stopId === boardStopId);
  const to = stops.findIndex(({ stopId }) => stopId === alightStopId);
  if (from < 0 || to < 0) return 'stop-not-on-run';
  return from < to ? { from, to } : 'wrong-direction';
}

/** The sentences to show before a seat is confirmed. */
export function rideRules(resource: Resource): { name: string; text: Localized }[] {
  const { times } = runOf(resource);
  const { cancelMinutesBefore, closesMinutesBefore } = times;
  return [
    {
      name: 'cancellation',
      text: {
        zh: `上车站发车前 ${cancelMinutesBefore} 分钟可免费取消。`,
        en: `Cancel free of charge until ${cancelMinutesBefore} minutes before your stop.`,
      },
    },
    {
      name: 'booking-closes',
      text: {
        zh: `上车站发车前 ${closesMinutesBefore} 分钟停止预约。`,
        en: `Booking closes ${closesMinutesBefore} minutes before the bus leaves your stop.`,
      },
    },
    ...noShowRule(times, (minutes) => ({
      zh: `上车请出示乘车码；发车 ${minutes} 分钟后仍未扫码，记为一次爽约。`,
      en: `Show your pass when you board; who is not scanned ${minutes} minutes after departure has missed the ride.`,
    })),
  ];
}

/** Why the shuttles refuse, and what to do about it; by rule. */
export const shuttleRefusals = {
  'stop-not-on-run': {
    zh: '这班车不停靠所选站点，请重新选择站点。',
    en: 'This run does not serve that stop. Please choose another.',
  },
  'wrong-direction': {
    zh: '这班车的方向相反，请选择另一方向的班次。',
    en: 'This run goes the other way. Please choose a run in the other direction.',
  },
  'not-running': {
    zh: '这班车当天不开行，请选择其他日期。',
    en: 'This run does not operate that day. Please choose another date.',
  },
} satisfies Record<string, Localized>;
