import { z } from 'zod';
import { currency, fen, id, instantText, localized, pageQuery, shortText } from '../../../http/schemas.ts';
import { maskedPerson } from '../../schemas.ts';

const overstayState = z.enum(['open', 'appealed', 'upheld', 'granted', 'waived', 'void']).meta({
  description:
    'open: it stands; appealed: it waits for a decision; upheld, granted: what the decision was; waived: remitted; void: the car had left in time',
});

const said = z.object({ at: instantText, text: z.string() });

/** An overstay, for its driver or for those who run the parking of its lender. */
export const overstayAnswer = z
  .object({
    id,
    bookingId: id,
    resourceId: id,
    title: localized.meta({ description: 'the lot' }),
    plate: z.string().nullable().meta({ description: "the driver's own plate; null for everybody else" }),
    plateMasked: z.string(),
    person: maskedPerson.nullable().meta({ description: 'for the staff; null for the driver' }),
    leaveBy: instantText,
    openedAt: instantText.meta({ description: 'when it was noticed and told' }),
    endedAt: instantText.nullable().meta({ description: 'the exit, or the start of the next stay; null: late now' }),
    minutesLate: z.int().meta({ description: 'from leaveBy on, up to now while the car is late' }),
    chargeFen: fen.meta({ description: 'by the ordinary tariff; the lot collects it' }),
    currency,
    state: overstayState,
    consequence: z
      .object({
        number: z.int().meta({ description: 'which one it is among those that count with it' }),
        step: z.enum(['noted', 'warning', 'suspension']),
        suspendedUntil: instantText.nullable(),
      })
      .nullable()
      .meta({ description: 'null for one that does not count' }),
    appeal: said.nullable(),
    appealUntil: instantText.nullable().meta({ description: 'until when its driver may appeal; null: no more' }),
    decision: said.extend({ granted: z.boolean() }).nullable(),
    waiver: said.nullable(),
    comment: said.nullable().meta({ description: 'what the lender says of it' }),
    version: z.int().meta({ description: 'what If-Match compares' }),
  })
  .meta({ id: 'Overstay' });
export type OverstayAnswer = z.infer<typeof overstayAnswer>;

export const overstayQuery = z.strictObject({
  managed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: those at the lenders whose parking the caller runs, instead of their own' }),
  state: overstayState.optional(),
  late: z.enum(['true', 'false']).optional().meta({ description: 'true: only of cars that are late now' }),
  resourceId: id.optional(),
  bookingId: z.uuid().optional(),
  ...pageQuery,
});

/** Where a person stands with one lender. */
export const standingAnswer = z
  .object({
    lender: z.object({ id, name: localized }),
    step: z.enum(['clear', 'noted', 'warning', 'suspended']),
    count: z.int().meta({ description: 'so many overstays count now' }),
    suspendedUntil: instantText.nullable(),
    countedDays: z.int(),
    warnAt: z.int(),
    suspendAt: z.int(),
    suspendDays: z.int(),
  })
  .meta({ id: 'ParkingStanding' });
export type StandingAnswer = z.infer<typeof standingAnswer>;
export const standingsAnswer = z.object({ items: z.array(standingAnswer) });

export const appealRequest = z.strictObject({ text: shortText(500) });
export const decisionRequest = z.strictObject({ granted: z.boolean(), reason: shortText(300) });
export const waiverRequest = z.strictObject({ reason: shortText(300) });
export const commentRequest = z.strictObject({ text: shortText(300) });
