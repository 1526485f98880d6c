import { z } from 'zod';
import { id, instantText, isoDate, joinWaitlist, localized } from '../../http/schemas.ts';

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
  direction: z.enum(['inbound', 'outbound']).meta({ description: 'inbound: metro to park' }),
  departs: z.string(),
  stops: z.array(shuttleStop).meta({ description: 'in the order of the run' }),
});

export const shuttleBookingDetails = z.object({
  runId: id,
  direction: z.enum(['inbound', 'outbound']),
  boardStop: z.object({ stopId: id, name: localized }),
  alightStop: z.object({ stopId: id, name: localized }),
  departsAt: instantText,
  arrivesAt: instantText,
  seats: z.int(),
  isAccessible: z.literal(true).optional(),
});
