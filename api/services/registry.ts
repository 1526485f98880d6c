import { Hono } from 'hono';
import { z } from 'zod';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { AppEnv } from '../http/environment.ts';
import { instantText, type Localized, type ServiceKind } from '../http/schemas.ts';
import type { Caller } from '../people/caller.ts';
import { canteenRoutes } from './canteen/routes.ts';
import { canteen } from './canteen/service.ts';
import { childcare } from './childcare/service.ts';
import { gateRoutes } from './parking/gates/gate-routes.ts';
import { overstayRoutes } from './parking/overstays/overstay-routes.ts';
import { monthRoutes } from './parking/months/month-routes.ts';
import { roundRoutes } from './parking/months/round-routes.ts';
import { agreementRoutes } from './parking/agreements/agreement-routes.ts';
import { proposalRoutes } from './parking/agreements/proposal-routes.ts';
import { parking } from './parking/service.ts';
import { swapRoutes } from './parking/agreements/swap-routes.ts';
import { bookingBase, resourceBase, waitlistBase } from './schemas.ts';
import { canteenBookingDetails, canteenBookingRequest, canteenFacts } from './canteen/schemas.ts';
import { childcareBookingDetails, childcareBookingRequest, childcareFacts } from './childcare/schemas.ts';
import { parkingBookingDetails, parkingBookingRequest, parkingFacts } from './parking/schemas.ts';
import type { Context, SweepWork, Wish } from './service.ts';
import { feedRoutes } from './shuttle/gtfs/feed-routes.ts';
import { adviceRoutes } from './shuttle/advisor/advice-routes.ts';
import { writeWishes } from './shuttle/advisor/ride-wishes.ts';
import { driverRoutes } from './shuttle/boarding/driver-routes.ts';
import { boardingRoutes } from './shuttle/boarding/link-routes.ts';
import { runRoutes } from './shuttle/run-routes.ts';
import { runChangeRoutes } from './shuttle/timetable/run-change-routes.ts';
import { timetableRoutes } from './shuttle/timetable/timetable-routes.ts';
import { noShowRoutes } from './shuttle/standby/no-show-routes.ts';
import { standbyRoutes } from './shuttle/standby/standby-routes.ts';
import { standingRoutes } from './shuttle/standing/standing-routes.ts';
import { shuttle } from './shuttle/service.ts';
import { shuttleBookingDetails, shuttleBookingRequest, shuttleFacts } from './shuttle/schemas.ts';
import { createWishes, type Wishes } from './wishes.ts';

/** Most kinds have one form, which the kind tells before anything else is looked at; parking has two. */
export const bookingRequest = z.union([
  z.discriminatedUnion('kind', [canteenBookingRequest, shuttleBookingRequest, childcareBookingRequest]),
  parkingBookingRequest,
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

/** A place in a queue, with what is held for it. */
export const waitlistAnswer = waitlistBase
  .extend({ offer: z.object({ expiresAt: instantText, booking: bookingAnswer }).nullable() })
  .meta({ id: 'WaitlistEntry' });
export type WaitlistAnswer = z.infer<typeof waitlistAnswer>;

/** The services of this site, in the order to show them: the only place that names them all. */
export const services = { parking, canteen, shuttle, childcare };

/** The routes that one service has and the others have not. */
export const routesOfServices = new Hono<AppEnv>()
  .route('/', canteenRoutes)
  .route('/', gateRoutes)
  .route('/', overstayRoutes)
  .route('/', monthRoutes)
  .route('/', roundRoutes)
  .route('/', agreementRoutes)
  .route('/', proposalRoutes)
  .route('/', swapRoutes)
  .route('/', standingRoutes)
  .route('/', adviceRoutes)
  .route('/', boardingRoutes)
  .route('/', driverRoutes)
  .route('/', runRoutes)
  .route('/', standbyRoutes)
  .route('/', noShowRoutes)
  .route('/', feedRoutes)
  .route('/', runChangeRoutes)
  .route('/', timetableRoutes);

type AnyService = (typeof services)[ServiceKind];

const serviceByKind = new Map<string, AnyService>(
  Object.values(services).flatMap((service) => [service.kind, ...service.partKinds].map((kind) => [kind, service])),
);

/** The service that owns a kind of resource, its own or a part of it. */
export function serviceOfKind(kind: string): AnyService | null {
  return serviceByKind.get(kind) ?? null;
}

/** Turns a wish of any service into what to ask the engine for. */
export function draftOf(context: Context, caller: Caller, request: BookingRequest): Promise<Wish> {
  switch (request.kind) {
    case 'parking':
      return parking.draft(context, caller, request);
    case 'canteen':
      return canteen.draft(context, caller, request);
    case 'shuttle':
      return shuttle.draft(context, caller, request);
    case 'childcare':
      return childcare.draft(context, caller, request);
  }
}

/** What the service of a wish adds to the problem document that refuses it. */
export async function explanationOf(
  context: Context,
  request: BookingRequest,
  refusedSlotId: number | null,
): Promise<object> {
  return request.kind === 'parking' ? ((await parking.explain?.(context, request, refusedSlotId)) ?? {}) : {};
}

/** Counts that a slot was full for somebody who wished for it, or for a day plan with it. */
export async function noteRefusal(
  wishes: Wishes,
  context: Context,
  requests: readonly BookingRequest[],
  refused: { slotId: number; personId: string },
): Promise<void> {
  for (const request of requests) {
    if (request.kind === 'shuttle') await shuttle.refused?.(wishes, context, request, refused);
  }
}

/** Writes down what was counted of wishes, where no sweep shares the memory. */
export const writeDownWishes = (db: Db, siteId: number, wishes: Wishes): Promise<void> =>
  writeWishes(db, siteId, wishes);

/** What the services do as time goes on, one after the other. */
export async function sweepServices(work: SweepWork, wishes: Wishes = createWishes()): Promise<void> {
  for (const service of Object.values<Pick<AnyService, 'sweep'>>(services)) await service.sweep?.(work, wishes);
}

/** When the first of the services has something to do at a moment of its own; null when none knows of any. */
export async function nextMomentOf(work: Context): Promise<Instant | null> {
  const moments: Instant[] = [];
  for (const service of Object.values<Pick<AnyService, 'nextMoment'>>(services)) {
    const moment = (await service.nextMoment?.(work)) ?? null;
    if (moment !== null) moments.push(moment);
  }
  return moments.length === 0 ? null : Math.min(...moments);
}

/** What the services do at such a moment. */
export async function atNextMoment(work: Context): Promise<void> {
  for (const service of Object.values<Pick<AnyService, 'atNextMoment'>>(services)) await service.atNextMoment?.(work);
}

/** What the services do soon after bookings have changed. */
export async function followBookings(work: SweepWork): Promise<void> {
  for (const service of Object.values<Pick<AnyService, 'followBookings'>>(services))
    await service.followBookings?.(work);
}

/** Why each rule refuses, in words; over all services. */
export const refusalTexts: Readonly<Record<string, Localized>> = Object.assign(
  {},
  ...Object.values(services).map((service) => service.refusals),
) as Record<string, Localized>;
