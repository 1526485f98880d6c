import { z } from 'zod';
import {
  currency,
  fen,
  id,
  instantText,
  isoDate,
  localized,
  pageQuery,
  serviceKind,
  shortText,
} from '../http/schemas.ts';

/** What every resource shows; each service adds its own `facts`. */
export const resourceBase = z.object({
  id,
  siteId: z.string(),
  name: localized,
  place: z.object({ name: localized, lat: z.number().nullable(), lng: z.number().nullable() }).nullable(),
  rules: z
    .array(z.object({ name: z.string(), text: localized }))
    .meta({ description: 'sentences to show before confirming' }),
  currency,
});

export const slotState = z.enum(['upcoming', 'open', 'full', 'closed']);

export const slotAnswer = z
  .object({
    id,
    kind: serviceKind,
    resourceId: id,
    startsAt: instantText,
    endsAt: instantText,
    serviceDate: isoDate,
    capacity: z.int(),
    remaining: z.int(),
    state: slotState,
    opensAt: instantText,
    closesAt: instantText,
    priceFen: fen,
    currency,
    provisional: z.boolean().meta({ description: 'rests on a calendar that is not published yet' }),
    closedReason: z.string().nullable(),
    leaveBy: instantText.optional().meta({ description: 'parking: the end of the run of days off' }),
    runId: id.optional(),
    fromStopId: id.optional(),
    toStopId: id.optional(),
    firstDay: isoDate.optional().meta({ description: 'childcare: first day of the session' }),
    lastDay: isoDate.optional().meta({ description: 'childcare: last day of the session' }),
  })
  .meta({ id: 'Slot' });
export type SlotAnswer = z.infer<typeof slotAnswer>;

export const slotQuery = z.strictObject({
  kind: serviceKind.optional(),
  resourceId: id.optional(),
  from: isoDate.optional().meta({ description: 'first service date; today when left out' }),
  to: isoDate
    .optional()
    .meta({ description: 'last service date, at most 400 days later; when left out, a week, or a year for childcare' }),
  ...pageQuery,
  limit: z.coerce.number().int().min(1).max(1000).default(500),
});

export const resourceQuery = z.strictObject({
  kind: serviceKind.optional(),
  managed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: only those whose capacity the caller may change' }),
  ...pageQuery,
});

export const bookingState = z.enum([
  'held',
  'confirmed',
  'checked_in',
  'completed',
  'cancelled',
  'expired',
  'no_show',
  'displaced',
]);

/** What every booking shows; each service adds its own `details`. */
export const bookingBase = z.object({
  id,
  state: bookingState,
  title: localized.meta({ description: 'what was booked, e.g. the lot, the canteen, the run' }),
  createdAt: instantText,
  startsAt: instantText,
  endsAt: instantText,
  serviceDate: isoDate,
  lines: z.array(
    z.object({
      slotId: id,
      resourceId: id,
      units: z.int(),
      startsAt: instantText,
      endsAt: instantText,
      serviceDate: isoDate,
    }),
  ),
  priceFen: fen,
  currency,
  provisional: z.boolean(),
  cancellableUntil: instantText,
  cancelledAt: instantText.nullable(),
  bundleId: id.nullable(),
});

export const bookingQuery = z.strictObject({
  kind: serviceKind.optional(),
  state: bookingState.optional(),
  resourceId: id.optional().meta({ description: 'staff: the bookings of a resource that they manage' }),
  when: z
    .enum(['upcoming', 'past'])
    .optional()
    .meta({ description: 'upcoming: live and not over, soonest first; past: the rest, latest first' }),
  ...pageQuery,
});

export const capacityChangeRequest = z
  .strictObject({
    slotIds: z.array(id).min(1).max(500).optional(),
    resourceId: id.optional(),
    from: isoDate.optional(),
    to: isoDate.optional(),
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional().meta({ description: 'ISO weekdays, 1 = Monday' }),
    capacity: z.int().min(0).max(100_000),
    reason: shortText(200),
    onExcess: z.enum(['refuse', 'displace']).default('refuse'),
    dryRun: z.boolean().default(false),
  })
  .refine((change) => (change.slotIds === undefined) !== (change.resourceId === undefined), {
    message: 'either slotIds, or resourceId with from and to',
  })
  .refine((change) => change.resourceId === undefined || (change.from !== undefined && change.to !== undefined), {
    message: 'resourceId needs from and to',
  })
  .refine(({ slotIds, from, to, weekdays }) => slotIds === undefined || (from ?? to ?? weekdays) === undefined, {
    message: 'from, to and weekdays go with resourceId',
  });

/** The plan of a capacity change; `applied` says whether it was carried out. */
export const capacityPlan = z
  .object({
    applied: z.boolean(),
    changes: z.array(
      z.object({
        slotId: id,
        resourceId: id,
        serviceDate: isoDate,
        startsAt: instantText,
        before: z.int(),
        after: z.int(),
        booked: z.int(),
        excess: z.int().meta({ description: 'units booked above the new capacity' }),
      }),
    ),
    promoted: z.array(z.object({ bookingId: id })),
    displaced: z.array(z.object({ bookingId: id })),
    offered: z.array(z.object({ bookingId: id })),
  })
  .meta({ id: 'CapacityPlan' });
