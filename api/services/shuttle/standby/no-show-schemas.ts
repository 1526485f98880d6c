import { z } from 'zod';
import { id, instantText, isoDate, localized, pageOf, pageQuery, shortText } from '../../../http/schemas.ts';
import { maskedPerson } from '../../schemas.ts';

const excuse = z.object({ reason: z.string(), at: instantText });
const stop = z.object({ stopId: id, name: localized });

/** A ride that somebody missed, for those who run the shuttles. */
export const noShowAnswer = z
  .object({
    bookingId: id,
    title: localized,
    departsAt: instantText,
    boardStop: stop,
    alightStop: stop,
    seats: z.int(),
    person: maskedPerson,
    counts: z.boolean().meta({ description: 'false: excused, or the operator cancelled the run' }),
    yielded: z.boolean().meta({ description: 'the seats were given away before the bus left' }),
    excuse: excuse.nullable(),
  })
  .meta({ id: 'NoShow' });
export type NoShowAnswer = z.infer<typeof noShowAnswer>;

export const noShowQuery = z.strictObject({
  date: isoDate.optional().meta({ description: 'of the runs; today when left out' }),
  ...pageQuery,
});

export const excuseRequest = z.strictObject({ reason: shortText(300) });

/** One ride of mine that is over. */
const pastRide = z.object({
  bookingId: id,
  title: localized,
  departsAt: instantText,
  boardStop: stop,
  alightStop: stop,
  seats: z.int(),
  outcome: z.enum(['rode', 'no-show', 'excused', 'cancelled', 'displaced']).meta({
    description: 'displaced: the operator cancelled it or had no room; it never counts',
  }),
  reason: z.string().nullable().meta({ description: 'why it was excused' }),
});

/** My record: the rides that are over, and where I stand. */
export const rideRecord = pageOf(pastRide)
  .extend({
    standing: z
      .object({
        count: z.int().meta({ description: 'so many missed rides count now' }),
        blockedUntil: instantText.nullable(),
        countedDays: z.int(),
        blockAt: z.int(),
        blockDays: z.int(),
      })
      .nullable()
      .meta({ description: 'null where missed rides block nobody' }),
  })
  .meta({ id: 'RideRecord' });
export type RideRecord = z.infer<typeof rideRecord>;
