import { z } from 'zod';
import { fen, id, instantText, isoDate, joinWaitlist, localized } from '../../http/schemas.ts';

const nights = z.strictObject({
  kind: z.literal('parking'),
  slotIds: z.array(id).min(1).max(62),
  vehicleId: id,
  joinWaitlist,
});

const month = z.strictObject({
  kind: z.literal('parking'),
  resourceId: id,
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
  vehicleId: id,
  allowPartial: z.boolean().optional().meta({ description: 'take the nights that are left instead of all or nothing' }),
  joinWaitlist,
});

/** A stay of one or more nights, or a month's entitlement. */
export const parkingBookingRequest = z.union([nights, month]);
export type ParkingBookingRequest = z.infer<typeof parkingBookingRequest>;

/** What is public about an agreement. */
export const parkingFacts = z.object({
  lotKind: z.enum(['gated', 'staffed', 'onstreet-permit']),
  provider: z.string(),
  beneficiary: localized,
  window: z
    .object({ from: z.string(), to: z.string() })
    .meta({ description: 'local times; `to` may be on the next day' }),
  daysOff: z.enum(['all-day', 'night-only', 'closed']),
  basis: z.enum(['workday', 'weekday']),
  nightlyFen: fen,
  monthlyFen: fen.nullable(),
  monthlyRound: z.enum(['first-come', 'draw']).meta({ description: 'how the spaces of a month are given out' }),
  releaseCredit: z
    .enum(['none', 'night-share'])
    .meta({ description: 'what a night of a month that is given back is worth' }),
});

/** What a parking booking adds to the common fields. */
export const parkingBookingDetails = z.object({
  vehicleId: id,
  plateMasked: z.string().meta({ description: 'the plate that opens the gate' }),
  plateWaiting: z.string().nullable().meta({ description: 'a new plate that waits to be verified' }),
  nights: z.int(),
  month: z.string().nullable(),
  leaveBy: instantText.meta({ description: 'the end of the last joined slot' }),
  creditFen: fen.meta({ description: 'how much of the price is paid by credit for nights given back' }),
  releasedNights: z.array(isoDate).meta({ description: 'nights that its holder gave back' }),
  missingNights: z.array(isoDate).meta({ description: 'nights of the month that were not to be had (allowPartial)' }),
});
