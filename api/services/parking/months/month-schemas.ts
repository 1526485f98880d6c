import { z } from 'zod';
import { currency, fen, id, instantText, isoDate, localized } from '../../../http/schemas.ts';
import { failingReasons } from './month-nights.ts';

export const monthText = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
  .meta({ description: 'YYYY-MM' });

export const monthQuery = z.strictObject({ resourceId: id, month: monthText, vehicleId: id });

/** What a month would be, without booking it. */
export const monthOffer = z
  .object({
    resourceId: id,
    month: monthText,
    nights: z.int().meta({ description: 'nights that are still ahead' }),
    priceFen: fen.meta({ description: 'of all of them' }),
    failing: z.array(z.object({ date: isoDate, reason: z.enum(failingReasons) })),
    rest: z.object({ nights: z.int(), priceFen: fen }).meta({ description: 'what can be had now' }),
    creditFen: fen.meta({ description: 'what would be paid by credit, of the whole or of what can be had' }),
    payableFen: fen.meta({ description: 'what is left to pay' }),
    currency,
  })
  .meta({ id: 'ParkingMonthOffer' });

export const releaseRequest = z.strictObject({
  slotIds: z.array(id).min(1).max(31).meta({ description: 'the nights to give back, as in the lines of the booking' }),
});

export const releaseAnswer = z
  .object({
    bookingId: id,
    released: z.array(isoDate),
    nights: z.int().meta({ description: 'that stay' }),
    creditFen: fen.meta({ description: 'for these nights' }),
    balanceFen: fen.meta({ description: 'all that there is to spend on months of this lender' }),
    currency,
  })
  .meta({ id: 'ParkingNightsReleased' });

const renewal = z.object({
  month: monthText,
  opensAt: instantText,
  closesAt: instantText.meta({ description: 'until then the space is kept' }),
  state: z.enum(['upcoming', 'open', 'over', 'renewed']),
});

/** The months that I hold, and my credit. */
export const entitlementsAnswer = z
  .object({
    items: z.array(
      z.object({
        bookingId: id,
        resourceId: id,
        title: localized,
        month: monthText,
        vehicleId: id,
        plateMasked: z.string(),
        priceFen: fen,
        nights: z.array(
          z.object({
            slotId: id,
            serviceDate: isoDate,
            startsAt: instantText,
            endsAt: instantText,
            releasable: z.boolean(),
            creditFen: fen.meta({ description: 'what giving it back is worth' }),
          }),
        ),
        releasedNights: z.array(isoDate),
        renewal: renewal.nullable().meta({ description: 'null where no space is kept: months are drawn' }),
      }),
    ),
    credit: z.array(z.object({ lender: id, resourceIds: z.array(id), balanceFen: fen })),
    currency,
  })
  .meta({ id: 'ParkingEntitlements' });
