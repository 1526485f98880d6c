import { z } from 'zod';
import { id, instantText } from '../../../http/schemas.ts';
import { monthText } from './month-schemas.ts';

const result = z.enum(['won', 'waiting', 'refused']);

/** An entry of mine. */
const ownEntry = z.object({
  id,
  vehicleId: id,
  plateMasked: z.string(),
  enteredAt: instantText,
  number: z.string().nullable(),
  place: z.int().nullable().meta({ description: '1 is served first' }),
  result: result.nullable(),
  reason: z.string().nullable().meta({ description: 'of a refusal: the rule that was in the way' }),
  bookingId: id.nullable(),
  waitlistId: id.nullable(),
});

/** A month that is given out by draw. */
export const roundAnswer = z
  .object({
    id,
    resourceId: id,
    month: monthText,
    opensAt: instantText,
    closesAt: instantText,
    state: z.enum(['upcoming', 'open', 'closed', 'drawn', 'done']),
    entries: z.int(),
    commitment: z.string().meta({ description: 'SHA-256 of the seed, public before anybody enters' }),
    mine: z.array(ownEntry).meta({ description: 'empty for guests' }),
  })
  .meta({ id: 'ParkingRound' });

export const roundQuery = z.strictObject({ resourceId: id.optional() });

export const entryRequest = z.strictObject({ vehicleId: id });

/** What anybody needs to draw again: no people, no cars. */
export const drawAnswer = z
  .object({
    id,
    resourceId: id,
    month: monthText,
    opensAt: instantText,
    closesAt: instantText,
    algorithm: z.string(),
    commitment: z.string(),
    seed: z.string().nullable().meta({ description: '64 hexadecimal digits; null before the draw' }),
    entries: z
      .array(
        z.object({ id, number: z.string(), place: z.int(), result: result.nullable(), reason: z.string().nullable() }),
      )
      .meta({ description: 'in the order of their places; empty before the draw' }),
  })
  .meta({ id: 'ParkingDraw' });
