import { z } from 'zod';
import { bookingBase, resourceBase } from './schemas.ts';
import { canteenBookingDetails, canteenBookingRequest, canteenFacts } from './canteen/schemas.ts';
import { childcareBookingDetails, childcareBookingRequest, childcareFacts } from './childcare/schemas.ts';
import { parkingBookingDetails, parkingBookingRequest, parkingFacts } from './parking/schemas.ts';
import { shuttleBookingDetails, shuttleBookingRequest, shuttleFacts } from './shuttle/schemas.ts';

export const bookingRequest = z.union([
  parkingBookingRequest,
  canteenBookingRequest,
  shuttleBookingRequest,
  childcareBookingRequest,
]);
export type BookingRequest = z.infer<typeof bookingRequest>;

export const resourceAnswer = z
  .discriminatedUnion('kind', [
    resourceBase.extend({ kind: z.literal('parking'), facts: parkingFacts }),
    resourceBase.extend({ kind: z.literal('canteen'), facts: canteenFacts }),
    resourceBase.extend({ kind: z.literal('shuttle'), facts: shuttleFacts }),
    resourceBase.extend({ kind: z.literal('childcare'), facts: childcareFacts }),
  ])
  .meta({ id: 'Resource' });
export type ResourceAnswer = z.infer<typeof resourceAnswer>;

export const bookingAnswer = z
  .discriminatedUnion('kind', [
    bookingBase.extend({ kind: z.literal('parking'), details: parkingBookingDetails }),
    bookingBase.extend({ kind: z.literal('canteen'), details: canteenBookingDetails }),
    bookingBase.extend({ kind: z.literal('shuttle'), details: shuttleBookingDetails }),
    bookingBase.extend({ kind: z.literal('childcare'), details: childcareBookingDetails }),
  ])
  .meta({ id: 'Booking' });
export type BookingAnswer = z.infer<typeof bookingAnswer>;
