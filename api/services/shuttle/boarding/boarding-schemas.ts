import { z } from 'zod';
import { id, instantText, isoDate, localized } from '../../../http/schemas.ts';
import { direction } from '../run-rules.ts';
import { mostAtATime } from './boarding-rules.ts';

export const driverLinkRequest = z.strictObject({ runId: id, serviceDate: isoDate });

export const driverLinkQuery = z.strictObject({
  runId: id,
  serviceDate: isoDate,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

export const manifestQuery = z.strictObject({ runId: id, serviceDate: isoDate });

const link = z.object({
  id,
  runId: id,
  serviceDate: isoDate,
  createdAt: instantText,
  expiresAt: instantText,
  revokedAt: instantText.nullable(),
  state: z.enum(['usable', 'revoked', 'expired']),
});

export const driverLinkAnswer = link.meta({ id: 'DriverLink' });

export const newDriverLinkAnswer = link
  .extend({
    path: z.string().meta({
      description:
        'the page for the driver; what stands after # is the token, which browsers send to no server. Not shown again',
    }),
  })
  .meta({ id: 'NewDriverLink' });
export type NewDriverLink = z.infer<typeof newDriverLinkAnswer>;

const people = {
  expected: z.int().meta({ description: 'seats of tickets from here' }),
  boarded: z.int().meta({ description: 'of these, seats of tickets that were scanned' }),
  withoutTicket: z.int().meta({ description: 'counted by the driver: boarded without a ticket' }),
  alighted: z.int().meta({ description: 'counted by the driver: got off' }),
};

export const tallyAnswer = z.object(people).meta({ id: 'BoardingTally' });

const rider = z.object({
  bookingId: id,
  name: z.string().meta({ description: 'masked' }),
  seats: z.int(),
  wheelchair: z.boolean(),
  boardStopId: id,
  alightStopId: id,
  state: z.enum(['expected', 'boarded', 'no-show']),
  boardedAt: instantText.nullable(),
  checkInFrom: instantText,
  checkInUntil: instantText.meta({ description: 'not any more from then on' }),
  codes: z.array(z.object({ turn: z.int(), qr: z.string(), digits: z.string() })).meta({
    description:
      'for scanning with the network down, by turn: the first 16 characters of base64url(SHA-256(text)), text being `salt|QR text` and `salt|turn|six digits`; empty but for drivers',
  }),
});

export const manifestAnswer = z
  .object({
    runId: id,
    serviceDate: isoDate,
    title: localized,
    direction,
    state: z.enum(['running', 'cancelled']),
    departsAt: instantText,
    arrivesAt: instantText,
    now: instantText.meta({ description: 'the clock of the service: scans are told by it' }),
    positionFrom: instantText.meta({ description: 'from then on the driver’s phone may say where the bus is' }),
    positionUntil: instantText.meta({ description: 'not any more from then on' }),
    stops: z.array(z.object({ stopId: id, name: localized, at: instantText, ...people })),
    tally: tallyAnswer,
    riders: z.array(rider),
    turns: z
      .array(z.object({ from: instantText, until: instantText }))
      .meta({ description: 'the turns of passes, each for as long as its codes are good' }),
    salt: z.string(),
  })
  .meta({ id: 'Manifest' });
export type ManifestAnswer = z.infer<typeof manifestAnswer>;

const at = z.iso.datetime({ offset: true });
const nonce = id.meta({ description: "the phone's own name of it: told again, it has no second effect" });

export const scansRequest = z.strictObject({
  scans: z
    .array(
      z.strictObject({
        code: z.string().trim().min(1).max(200).meta({ description: 'the text of the QR code, or the six digits' }),
        at: at.meta({ description: 'when it was scanned' }),
        nonce,
      }),
    )
    .min(1)
    .max(mostAtATime),
});

export const scansAnswer = z
  .object({
    items: z.array(
      z.object({
        nonce: z.string(),
        outcome: z
          .enum(['boarded', 'already', 'refused'])
          .meta({ description: 'already: another scan of the ticket was first; nothing is wrong' }),
        bookingId: id.nullable(),
        at: instantText.nullable().meta({ description: 'of the scan that counts, if it is this one' }),
        rule: z.string().nullable(),
        text: localized.nullable().meta({ description: 'why it was refused, and what to do' }),
      }),
    ),
    tally: tallyAnswer,
  })
  .meta({ id: 'ScansAnswer' });
export type ScansAnswer = z.infer<typeof scansAnswer>;

const few = z.int().min(-100).max(100);

export const countsRequest = z.strictObject({
  counts: z
    .array(
      z
        .strictObject({
          nonce,
          stopId: id,
          withoutTicket: few.meta({
            description: 'so many boarded without a ticket; below zero puts a miscount right',
          }),
          alighted: few.meta({ description: 'so many got off' }),
          at,
        })
        .refine(({ withoutTicket, alighted }) => withoutTicket !== 0 || alighted !== 0, { error: 'counts nobody' }),
    )
    .min(1)
    .max(mostAtATime),
});

export const countsAnswer = z.object({ tally: tallyAnswer });
