import { z } from 'zod';
import { roleName } from '../people/schemas.ts';
import { maskedPerson } from './schemas.ts';
import { currency, fen, id, instantText, isoDate, localized, pageQuery, shortText } from '../http/schemas.ts';

export const capacityChangeRequest = z
  .strictObject({
    slotIds: z.array(id).min(1).max(500).optional(),
    resourceId: id.optional(),
    from: isoDate.optional(),
    to: isoDate.optional(),
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional().meta({ description: 'ISO weekdays, 1 = Monday' }),
    capacity: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .meta({ description: 'may be left out when slots are only closed or reopened' }),
    closed: z.boolean().optional().meta({
      description: 'true: nothing of it can be booked or held, for the reason that is shown; false: reopened',
    }),
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
  .refine(({ capacity, closed }) => capacity !== undefined || closed !== undefined, {
    message: 'capacity, closed, or both',
    path: ['capacity'],
  })
  .refine(({ resourceId, from, to, weekdays }) => resourceId !== undefined || (from ?? to ?? weekdays) === undefined, {
    message: 'from, to and weekdays go with resourceId',
  });

/** A slot before and after a change. */
const changedSlot = z.object({
  slotId: id,
  resourceId: id,
  serviceDate: isoDate,
  startsAt: instantText,
  before: z.int(),
  after: z.int(),
  closedBefore: z.boolean(),
  closedAfter: z.boolean(),
  booked: z.int(),
  excess: z.int().meta({ description: 'units booked above what the slot may hold afterwards' }),
});

export const promotedEntry = z.object({ waitlistId: id, bookingId: id.nullable(), until: instantText });

/** What is held for somebody who was displaced; a dry run has made no booking and no offer. */
const alternative = z.object({
  bookingId: id.nullable(),
  waitlistId: id.nullable(),
  title: localized,
  startsAt: instantText,
  endsAt: instantText,
  serviceDate: isoDate,
  priceFen: fen,
  currency,
  until: instantText.meta({ description: 'held until then' }),
});

export const displacedBooking = z.object({
  bookingId: id,
  person: maskedPerson,
  state: z
    .enum(['confirmed', 'held'])
    .meta({ description: 'held: it was only offered, and its owner is back in the queue' }),
  position: z.int().meta({ description: 'place in the declared order, 1 gives way first' }),
  of: z.int().meta({ description: 'how many could have been displaced' }),
  bookedAt: instantText,
  startsAt: instantText,
  endsAt: instantText,
  serviceDate: isoDate,
  units: z.int(),
  alternative: alternative.nullable(),
});

/** The plan of a capacity change; `applied` says whether it was carried out. */
export const capacityPlan = z
  .object({
    applied: z.boolean(),
    changeId: id.nullable().meta({ description: 'what it is kept as, to be looked at or undone' }),
    changes: z.array(changedSlot),
    promoted: z
      .array(promotedEntry)
      .meta({ description: 'who is offered what is added; a dry run has made no booking' }),
    displaced: z.array(displacedBooking).meta({ description: 'who gives way, in the declared order' }),
    offered: z
      .array(z.object({ bookingId: id, waitlistId: id.nullable(), until: instantText }))
      .meta({ description: 'what is held instead, by the booking that gives way' }),
  })
  .meta({ id: 'CapacityPlan' });
export type CapacityPlanAnswer = z.infer<typeof capacityPlan>;

const spread = z.object({ least: z.int(), most: z.int() });

/** A change that was made, in a few numbers. */
export const capacityChangeAnswer = z
  .object({
    id,
    at: instantText,
    actor: z.object({ role: roleName, person: maskedPerson }),
    reason: z.string(),
    resourceIds: z.array(id),
    slots: z.int(),
    from: isoDate,
    to: isoDate,
    before: spread,
    after: spread,
    closed: z.int().meta({ description: 'how many slots it closed' }),
    reopened: z.int(),
    displaced: z.int(),
    withAlternative: z.int().meta({ description: 'how many of the displaced were offered something else' }),
    promoted: z.int(),
    undoes: id.nullable().meta({ description: 'the change that it took back' }),
    undoneBy: id.nullable().meta({ description: 'the change that took it back' }),
  })
  .meta({ id: 'CapacityChange' });
export type CapacityChangeAnswer = z.infer<typeof capacityChangeAnswer>;

/** A change with its receipt. */
export const capacityChangeReceipt = capacityChangeAnswer
  .extend({
    receipt: z.object({
      changes: z.array(changedSlot),
      displaced: z.array(displacedBooking),
      promoted: z.array(promotedEntry),
    }),
  })
  .meta({ id: 'CapacityChangeReceipt' });

export const capacityChangeQuery = z.strictObject({ resourceId: id, ...pageQuery });

export const undoRequest = z.strictObject({
  reason: shortText(200)
    .optional()
    .meta({ description: 'why it is taken back; when left out, the reason of the change' }),
  dryRun: z.boolean().default(false),
});

/** What taking a change back does. */
export const undoPlan = z
  .object({
    applied: z.boolean(),
    changeId: id.nullable(),
    undoes: id,
    changes: z.array(changedSlot),
    restored: z.array(z.object({ bookingId: id, person: maskedPerson })),
    notRestored: z.array(
      z.object({
        bookingId: id,
        person: maskedPerson,
        why: z.enum(['accepted-alternative', 'ended', 'begun', 'closed', 'full', 'overlap']),
      }),
    ),
    promoted: z.array(promotedEntry),
  })
  .meta({ id: 'UndoPlan' });
