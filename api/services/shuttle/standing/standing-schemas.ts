import { z } from 'zod';
import { standingOutcomes } from '../../../../db/schema/index.ts';
import { id, instantText, isoDate, joinWaitlist, localized, pageQuery } from '../../../http/schemas.ts';
import { bookingState, waitlistState } from '../../schemas.ts';
import { direction } from '../run-rules.ts';

const weekdays = z
  .array(z.int().min(1).max(7))
  .max(7)
  .refine((days) => new Set(days).size === days.length, { error: 'a weekday is named twice' })
  .meta({ description: 'ISO weekdays, 1 is Monday; none: every working day of the calendar' });

const terms = {
  runId: id,
  boardStopId: id,
  alightStopId: id,
  seats: z.int().min(1).max(4),
  accessible: z.boolean().optional(),
  wheelchair: z.boolean().optional(),
  joinWaitlist: joinWaitlist.meta({ description: 'wait in line on days that are full' }),
  weekdays: weekdays.optional(),
  until: isoDate,
};
const dryRun = z.boolean().optional().meta({ description: 'true: only say what would be done for each day' });

/** A ride that books itself day by day. */
export const standingRideRequest = z.strictObject({ ...terms, from: isoDate, dryRun });
export type StandingRideRequest = z.infer<typeof standingRideRequest>;

/** Other terms for the days that are not booked yet. */
export const standingChangeRequest = z.strictObject({ ...z.object(terms).partial().shape, dryRun });
export type StandingChangeRequest = z.infer<typeof standingChangeRequest>;

/** What becomes of the rides that are booked already when it stops. */
export const standingStopRequest = z.strictObject({
  rides: z.enum(['keep', 'cancel']).meta({
    description: 'cancel: those that can still be cancelled free of charge, and the places in the queue',
  }),
});

export const standingQuery = z.strictObject({
  state: z.enum(['active', 'paused', 'ended']).optional(),
  ...pageQuery,
});

const stop = z.object({ stopId: id, name: localized });

const standingDay = z.object({
  date: isoDate,
  outcome: z.enum([...standingOutcomes, 'ahead']).meta({
    description:
      'booked; waiting: in line; full; overlap: another ride of mine is in the way; not-running; refused: by a rule; ahead: not open yet',
  }),
  holiday: localized.nullable().meta({ description: 'the name of the day off' }),
  provisional: z.boolean().meta({ description: 'the calendar of that year is not published yet' }),
  opensAt: instantText.nullable().meta({ description: 'when it will be booked' }),
  rule: z.string().nullable(),
  reason: localized.nullable().meta({ description: 'the rule in words' }),
  bookingId: id.nullable().meta({ description: 'what was booked, or is in the way' }),
  bookingState: bookingState.nullable(),
  departsAt: instantText.nullable(),
  cancellableUntil: instantText.nullable(),
  waitlistId: id.nullable(),
  waitlistState: waitlistState.nullable(),
});
export type StandingDayAnswer = z.infer<typeof standingDay>;

/** A standing ride, with what was done and will be done for each of its days. */
export const standingRideAnswer = z
  .object({
    id,
    runId: id,
    title: localized,
    direction,
    departs: z.string().meta({ description: 'local time at the boarding stop, by the timetable of its next day' }),
    arrives: z.string(),
    boardStop: stop,
    alightStop: stop,
    seats: z.int(),
    accessible: z.boolean(),
    wheelchair: z.boolean(),
    joinWaitlist: z.boolean(),
    weekdays,
    from: isoDate,
    until: isoDate,
    state: z.enum(['active', 'paused', 'ended']),
    applied: z.boolean().meta({ description: 'false for a dry run: nothing was done' }),
    nextOpensAt: instantText.nullable().meta({ description: 'when the next day will be booked' }),
    days: z.array(standingDay),
    version: z.int().meta({ description: 'what If-Match compares' }),
  })
  .meta({ id: 'StandingRide' });
export type StandingRideAnswer = z.infer<typeof standingRideAnswer>;
