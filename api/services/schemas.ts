import { z } from 'zod';
import { roleName } from '../people/schemas.ts';
import { currency, fen, id, instantText, isoDate, localized, pageQuery, serviceKind } from '../http/schemas.ts';

/** What staff see of a person. */
export const maskedPerson = z
  .object({ name: z.string(), phone: z.string() })
  .meta({ description: 'masked: enough to tell people apart' });

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

export const waitlistState = z.enum(['waiting', 'offered', 'accepted', 'declined', 'lapsed', 'withdrawn']);

/** Why a booking gave way, for its owner. */
const displacement = z.object({
  changeId: id,
  at: instantText,
  by: roleName.meta({ description: 'in what role, not who' }),
  reason: z.string(),
  position: z.int().meta({ description: 'place in the declared order, 1 gives way first' }),
  of: z.int(),
  alternative: z
    .object({
      waitlistId: id.meta({ description: 'accept or decline it there' }),
      state: waitlistState,
      bookingId: id,
      title: localized,
      startsAt: instantText,
      endsAt: instantText,
      serviceDate: isoDate,
      priceFen: fen,
      until: instantText.nullable().meta({ description: 'held until then; null when it is not held any more' }),
    })
    .nullable(),
});
export type DisplacementAnswer = z.infer<typeof displacement>;

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
  displacement: displacement.nullable().meta({ description: 'of a displaced booking: why, and what is held instead' }),
});

export const bookingQuery = z.strictObject({
  kind: serviceKind.optional(),
  state: bookingState.optional(),
  resourceId: id.optional().meta({ description: 'staff: the bookings of a resource that they manage' }),
  when: z
    .enum(['upcoming', 'past'])
    .optional()
    .meta({ description: 'upcoming: live and not over, soonest first; past: the rest, latest first' }),
  bundleId: z.uuid().optional().meta({ description: 'the parts of one day plan' }),
  ...pageQuery,
});

export const waitlistQuery = z.strictObject({ state: waitlistState.optional(), ...pageQuery });

/** A place in a queue; the registry adds the booking that is offered. */
export const waitlistBase = z.object({
  id,
  kind: serviceKind,
  state: waitlistState,
  createdAt: instantText,
  closesAt: instantText.meta({ description: 'when there is nothing left to wait for' }),
  position: z.int().nullable().meta({ description: '1 is next; null for one that waits no more' }),
  title: localized,
  startsAt: instantText,
  endsAt: instantText,
  serviceDate: isoDate,
  priceFen: fen,
  currency,
  details: z.record(z.string(), z.unknown()).meta({ description: 'as in the booking that would come of it' }),
});
