import { z } from 'zod';
import { fen, id, isoDate, joinWaitlist, localized } from '../../http/schemas.ts';

/** One child's place in one session of one class. */
export const childcareBookingRequest = z.strictObject({
  kind: z.literal('childcare'),
  slotId: id,
  childId: id,
  joinWaitlist,
});
export type ChildcareBookingRequest = z.infer<typeof childcareBookingRequest>;

export const childcareFacts = z.object({
  type: z.enum(['summer', 'nursery-intent']),
  grades: z.object({ from: z.int(), to: z.int() }).nullable(),
  ageMonths: z.object({ from: z.int(), to: z.int() }).nullable(),
  hours: z.object({ from: z.string(), to: z.string(), extendedTo: z.string().nullable() }).nullable(),
  feeFenPerSession: fen.nullable(),
});

export const childcareBookingDetails = z.object({
  childId: id,
  childName: z.string(),
  className: localized,
  firstDay: isoDate,
  lastDay: isoDate,
});
