import { z } from 'zod';
import { parseInstant } from '../../../calendar/time.ts';
import type { SeenPosition } from './record-position.ts';

/** Where a bus is, as a phone in it says. */
export const positionRequest = z.strictObject({
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  bearing: z.number().min(0).max(360).optional().meta({ description: 'degrees from north, clockwise' }),
  metresPerSecond: z.number().min(0).max(60).optional(),
  at: z.iso.datetime({ offset: true }).meta({ description: 'when it was there; of two, the later holds' }),
});

export const positionAnswer = z.object({
  kept: z.boolean().meta({ description: 'false for one that is older than what is known, or too soon after it' }),
  everySeconds: z.int().meta({ description: 'how often it is worth saying' }),
});

export const seenIn = ({ lat, lng, bearing, metresPerSecond, at }: z.infer<typeof positionRequest>): SeenPosition => ({
  ...{ lat, lng, bearing: bearing ?? null, metresPerSecond: metresPerSecond ?? null, at: parseInstant(at) },
});
