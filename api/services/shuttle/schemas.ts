import { z } from 'zod';
import { runDayChangeKinds } from '../../../db/schema/index.ts';
import { id, instantText, isoDate, joinWaitlist, localized } from '../../http/schemas.ts';
import { direction } from './run-rules.ts';

/** Seats from stop to stop on one run. */
export const shuttleBookingRequest = z.strictObject({
  kind: z.literal('shuttle'),
  runId: id,
  serviceDate: isoDate,
  boardStopId: id,
  alightStopId: id,
  seats: z.int().min(1).max(4),
  accessible: z
    .boolean()
    .optional()
    .meta({ description: 'somebody with accessible needs rides along: the seats are never given to somebody else' }),
  wheelchair: z.boolean().optional().meta({
    description: 'one of those who ride takes the wheelchair place instead of a seat; never given away either',
  }),
  joinWaitlist,
});
export type ShuttleBookingRequest = z.infer<typeof shuttleBookingRequest>;

export const shuttleStop = z.object({
  stopId: id,
  name: localized,
  lat: z.number(),
  lng: z.number(),
  time: z.string().meta({ description: 'local time of departure (arrival at the last stop)' }),
});

export const shuttleFacts = z.object({
  run: z.int(),
  lineId: id,
  direction: direction.meta({ description: 'inbound: metro to park' }),
  departs: z.string(),
  stops: z.array(shuttleStop).meta({ description: 'in the order of the run' }),
});

export const shuttleBookingDetails = z.object({
  runId: id,
  direction,
  boardStop: z.object({ stopId: id, name: localized }),
  alightStop: z.object({ stopId: id, name: localized }),
  departsAt: instantText,
  arrivesAt: instantText,
  seats: z.int(),
  isAccessible: z.literal(true).optional(),
  wheelchair: z.literal(true).optional().meta({ description: 'one of them takes the wheelchair place' }),
});

/** One leg of a run's day. */
const legAnswer = z.object({
  slotId: id,
  fromStopId: id,
  toStopId: id,
  capacity: z.int(),
  remaining: z.int(),
  closed: z.boolean().meta({ description: 'not sold on that date' }),
  wheelchairCapacity: z.int(),
  wheelchairRemaining: z.int(),
});

/** A stop of a run's day, with its own cut-offs: seats are sold per boarding stop. */
const dayStopAnswer = z.object({
  stopId: id,
  name: localized,
  lat: z.number(),
  lng: z.number(),
  at: instantText.meta({ description: 'departure; arrival at the last stop' }),
  opensAt: instantText.nullable().meta({ description: 'null where nobody boards' }),
  closesAt: instantText.nullable().meta({ description: 'until when seats from here are sold' }),
  cancellableUntil: instantText.nullable(),
});

/** What was changed of a run for one date. */
const dayChangeAnswer = z.object({
  kind: z.enum(runDayChangeKinds),
  reason: z.string(),
  at: instantText,
  departsBefore: z.string().nullable().meta({ description: 'local time by the timetable' }),
  directionBefore: direction.nullable(),
});

/** A run on one date, as it will go: with what was changed for that day. */
export const runDayAnswer = z
  .object({
    runId: id,
    run: z.int(),
    lineId: id,
    title: localized,
    serviceDate: isoDate,
    state: z.enum(['running', 'cancelled']),
    direction,
    departsAt: instantText,
    arrivesAt: instantText,
    priceFen: z.int(),
    currency: z.string(),
    provisional: z.boolean(),
    stops: z.array(dayStopAnswer).meta({ description: 'in the order of the run' }),
    legs: z.array(legAnswer).meta({ description: 'between neighbouring stops, in order' }),
    change: dayChangeAnswer.nullable(),
    ride: z
      .object({ boardsAt: instantText, alightsAt: instantText, remaining: z.int() })
      .optional()
      .meta({ description: 'between the stops that were asked for: times there, and seats that are free all the way' }),
  })
  .meta({ id: 'RunDay' });
export type RunDayAnswer = z.infer<typeof runDayAnswer>;

export const runDayQuery = z
  .strictObject({
    date: isoDate.optional().meta({ description: 'today when left out' }),
    lineId: id.optional(),
    from: id.optional().meta({ description: 'the stop where one boards: only runs that go from there to `to`' }),
    to: id.optional().meta({ description: 'the stop where one alights' }),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .optional()
      .meta({ description: 'when one would like to board, local time; counted as demand, without a name' }),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    error: 'from and to are given together',
    path: ['to'],
  })
  .refine(({ from, at }) => at === undefined || from !== undefined, { error: 'at needs from and to', path: ['at'] });
