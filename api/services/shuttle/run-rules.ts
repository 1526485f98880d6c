import { z } from 'zod';
import { datesBetween, instantOf, minutesAfter, minutesBefore, plusDays, type IsoDate } from '../../calendar/time.ts';
import { mayStillMove, runsOn, type WorkingDays } from '../../calendar/working-days.ts';
import type { Slot } from '../../engine/types.ts';
import { localized, type Localized } from '../../http/schemas.ts';
import { arrivalsOf, checkInRule, remindMinutesBefore } from '../arrivals.ts';
import { displaceFirst } from '../nearest.ts';
import type { DateRange, PublishedSlot, Resource, Schedule } from '../service.ts';

export const direction = z.enum(['inbound', 'outbound']);
/** Inbound is from the metro to the park. */
export type Direction = z.infer<typeof direction>;

/** The kind of a run's wheelchair place: a part of the run with legs of its own, at the same times. */
export const wheelchairKind = 'wheelchair-place';
/** The resource of a run's wheelchair place; a run need not have one. */
export const wheelchairPlaceOf = (runId: string): string => `${runId}-wheelchair`;

/** A bus line's run as it was set up: its stops in the order of its own direction; offsets in minutes from its departure. */
const runFacts = z.strictObject({
  run: z.int(),
  lineId: z.string().default('tidal'),
  direction,
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
export type RunStop = RunFacts['stops'][number];

/** When a run leaves its first stop, and when its seats are sold. Local times of the site. */
export const runTimes = z.strictObject({
  departs: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  /** The way it goes by this timetable; its own direction when left out. */
  direction: direction.optional(),
  opensDaysBefore: z.int().min(0),
  closesMinutesBefore: z.int().min(0),
  cancelMinutesBefore: z.int().min(0),
  /** How long somebody who waited, or was displaced, is offered a seat. */
  offerMinutes: z.int().min(1),
  /** How many days ahead a ride may book itself, and how many such rides somebody may have. */
  standing: z
    .strictObject({ daysAtMost: z.int().min(1).max(730), perPerson: z.int().min(1).max(50) })
    .default({ daysAtMost: 184, perPerson: 6 }),
  displaceFirst,
  /** Around the departure at the stop where somebody boards. */
  checkIn: checkInRule,
  remindMinutesBefore,
  /**
   * When seats of riders who were not scanned go to those who stand by, in minutes before the departure at the stop where they board
   * (domain.md: −2); without it they keep them, and nobody stands by.
   */
  standby: z.strictObject({ yieldsMinutesBefore: z.int().min(0).max(60) }).optional(),
  /** So many no-shows within so many days block booking ahead for some days (domain.md: 3 in 30, 7); without it none do. */
  noShows: z
    .strictObject({
      countedDays: z.int().min(1).max(365),
      blockAt: z.int().min(1).max(100),
      blockDays: z.int().min(1).max(365),
    })
    .optional(),
  /**
   * Drivers' links: how long they hold after the last stop, for phones that tell late; how many a run may have at a time; and for how many
   * minutes before the first stop and after the last (a bus may be late) a driver's phone may say where it is.
   */
  driverLinks: z
    .strictObject({
      hoursAfter: z.int().min(1).max(24),
      atMost: z.int().min(1).max(100),
      positionMinutes: z.int().min(0).max(180).default(30),
    })
    .default({ hoursAfter: 12, atMost: 10, positionMinutes: 30 }),
});
export type RunTimes = z.infer<typeof runTimes>;

/** A run by one version of the timetable: its stops in the order in which it passes them. */
export type Run = {
  run: number;
  lineId: string;
  direction: Direction;
  stops: readonly RunStop[];
  times: RunTimes;
  schedule: Schedule;
};

/** What a leg's slot says beside its times. It is the truth of its date: a run may go the other way, or at another time, for a day. */
export type LegFacts = { fromStopId: string; toStopId: string };

/* The catalogue is kept for seconds and asked for every ride. */
const readFacts = new WeakMap<Resource, RunFacts>();
const readRuns = new WeakMap<Schedule, Run>();

/** What a run was set up as. @throws ZodError when the database holds something else. */
export function factsOf(resource: Resource): RunFacts {
  const known = readFacts.get(resource);
  if (known) return known;
  const facts = runFacts.parse(resource.facts);
  readFacts.set(resource, facts);
  return facts;
}

/** A run by one of its schedules. @throws ZodError when the database holds something else. */
export function runBy(resource: Resource, schedule: Schedule): Run {
  const known = readRuns.get(schedule);
  if (known) return known;
  const facts = factsOf(resource);
  const times = runTimes.parse(schedule.rule);
  const way = times.direction ?? facts.direction;
  const stops = way === facts.direction ? facts.stops : mirrored(facts.stops);
  const run: Run = { run: facts.run, lineId: facts.lineId, direction: way, stops, times, schedule };
  readRuns.set(schedule, run);
  return run;
}

/** The same stops the other way round, as far from one another as before. */
export function mirrored(stops: readonly RunStop[]): RunStop[] {
  const last = Math.max(...stops.map(({ offsetMinutes }) => offsetMinutes));
  return stops.toReversed().map((stop) => ({ ...stop, offsetMinutes: last - stop.offsetMinutes }));
}

/** A run by the timetable of a date; null when no version of the timetable has it then. Whether it is a working day is not asked. */
export function runOn(resource: Resource, date: IsoDate): Run | null {
  const schedule = resource.schedules.find(
    ({ validFrom, validTo }) => (validFrom === null || validFrom <= date) && (validTo === null || date <= validTo),
  );
  return schedule ? runBy(resource, schedule) : null;
}

/** A run as it goes on a date, else as it will go next, else as it last went: what to say of a run that is listed. */
export function runAround(resource: Resource, date: IsoDate): Run {
  const inOrder = resource.schedules.toSorted((a, b) => ((a.validFrom ?? '') < (b.validFrom ?? '') ? -1 : 1));
  const schedule = inOrder.find(({ validTo }) => validTo === null || date <= validTo) ?? inOrder.at(-1);
  if (!schedule) throw new Error(`run ${resource.id} has no schedule`);
  return runBy(resource, schedule);
}

/** What a run is called: by its departure and its direction, which may be others on another day. `departs` is a local time. */
export function titleOf(departs: string, way: Direction): Localized {
  const words = way === 'inbound' ? { zh: '地铁→园区', en: 'metro to park' } : { zh: '园区→地铁', en: 'park to metro' };
  return { zh: `${departs} 班车（${words.zh}）`, en: `${departs} shuttle, ${words.en}` };
}

/**
 * One slot per leg between neighbouring stops: a seat that is free from the third stop on can be sold from there on. The wheelchair place
 * has the same legs.
 */
export function legsOf(
  resource: Resource,
  schedule: Schedule,
  dates: DateRange,
  calendar: WorkingDays,
  zone: string,
): PublishedSlot[] {
  const run = runBy(resource, schedule);
  const runDates = datesBetween(dates.from, dates.to).filter((date) => runsOn(schedule.basis, date, calendar));
  return runDates.flatMap((date) => legsOn(run, date, mayStillMove(schedule.basis, date, calendar), zone));
}

/** The legs of a run on one date, whatever day it is. */
export function legsOn(
  { stops, times, schedule }: Pick<Run, 'stops' | 'times'> & { schedule: Pick<Schedule, 'capacity' | 'priceFen'> },
  date: IsoDate,
  isProvisional: boolean,
  zone: string,
): PublishedSlot[] {
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
      isProvisional,
      facts,
      ...arrivalsOf(times, { startsAt, opens: startsAt, closes: startsAt }),
      ...(times.standby && { yieldsAt: minutesBefore(startsAt, times.standby.yieldsMinutesBefore) }),
    };
  });
}

/** The way that a run goes on a date, by its legs in order of start. At least one leg. */
export function directionOf(resource: Resource, legs: readonly Slot[]): Direction {
  const facts = factsOf(resource);
  const ends = legs[0]?.facts as LegFacts | undefined;
  const position = (stopId: string | undefined) => facts.stops.findIndex((stop) => stop.stopId === stopId);
  const isOwn = position(ends?.fromStopId) < position(ends?.toStopId);
  if (isOwn) return facts.direction;
  return facts.direction === 'inbound' ? 'outbound' : 'inbound';
}

/**
 * The legs from one stop to another among those of a run's day, in order of start; a rule's name when the run does not go that way. On a
 * date, since its direction may be another one on that day.
 */
export function legsBetween(
  legs: readonly Slot[],
  boardStopId: string,
  alightStopId: string,
): Slot[] | 'stop-not-on-run' | 'wrong-direction' {
  const ends = legs.map(({ facts }) => facts as LegFacts);
  const from = ends.findIndex(({ fromStopId }) => fromStopId === boardStopId);
  const to = ends.findIndex(({ toStopId }) => toStopId === alightStopId);
  if (from >= 0 && to >= from) return legs.slice(from, to + 1);
  const isServed = (stopId: string) => ends.some((leg) => leg.fromStopId === stopId || leg.toStopId === stopId);
  return isServed(boardStopId) && isServed(alightStopId) ? 'wrong-direction' : 'stop-not-on-run';
}
