import { z } from 'zod';
import { standbyStates } from '../../../../db/schema/index.ts';
import { id, instantText, isoDate, localized } from '../../../http/schemas.ts';

/** A ride to stand by for. */
export const standbyRequest = z.strictObject({
  runId: id,
  serviceDate: isoDate,
  boardStopId: id,
  alightStopId: id,
  seats: z.int().min(1).max(4),
});
export type StandbyRequest = z.infer<typeof standbyRequest>;

const stop = z.object({ stopId: id, name: localized });

/** A place of mine among those who stand by for a run. */
export const standbyAnswer = z
  .object({
    id,
    runId: id,
    title: localized,
    serviceDate: isoDate,
    boardStop: stop,
    alightStop: stop,
    seats: z.int(),
    state: z.enum(standbyStates).meta({
      description:
        'admitted: a seat is booked; left: I went away; lapsed: the bus left without a seat for me; withdrawn: the run does not go that way any more',
    }),
    position: z.int().nullable().meta({ description: 'in the line of this run, from 1 on; null when it is over' }),
    waiting: z.int().meta({ description: 'how many stand in this line now' }),
    joinedAt: instantText,
    decidedAt: instantText.nullable().meta({ description: 'when seats of riders who are not there are given away' }),
    departsAt: instantText.nullable().meta({ description: 'at the stop where I board' }),
    bookingId: id.nullable(),
  })
  .meta({ id: 'StandbyPlace' });
export type StandbyAnswer = z.infer<typeof standbyAnswer>;
