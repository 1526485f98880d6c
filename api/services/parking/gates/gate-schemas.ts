import { z } from 'zod';
import { id, instantText, localized, pageQuery, shortText } from '../../../http/schemas.ts';
import { sightRules } from './record-sights.ts';

/** A device's own name for itself or for what it saw. */
const deviceName = shortText(64);

export const gateEventsRequest = z.strictObject({
  lotId: id,
  events: z
    .array(
      z.strictObject({
        serial: deviceName.meta({ description: "the device's serial number" }),
        event: deviceName.meta({
          description: "the device's own number of the sight: told again, it has no second effect",
        }),
        kind: z.enum(['entry', 'exit']),
        plate: shortText(20).meta({ description: 'as it was read' }),
        at: z.iso.datetime({ offset: true }).meta({
          description: `by the gate's clock; at most ${sightRules.aheadMinutes} minutes ahead and ${sightRules.lateDays} days ago`,
        }),
      }),
    )
    .min(1)
    .max(500),
});

export const gateEventsAnswer = z
  .object({
    accepted: z.int(),
    duplicates: z.int().meta({ description: 'told before' }),
    refused: z.array(z.object({ serial: z.string(), event: z.string(), rule: z.enum(['in-future', 'too-old']) })),
  })
  .meta({ id: 'GateEvents' });

const lotAnswer = z.object({
  id,
  name: localized,
  kind: z.enum(['gated', 'staffed']),
  spaces: z.int(),
});

export const gateLotsAnswer = z.object({ items: z.array(lotAnswer), nextCursor: z.string().nullable() });

const car = { bookingId: id, plateMasked: z.string() };

export const presenceAnswer = z
  .object({
    lot: lotAnswer,
    at: instantText,
    counts: z.object({
      inside: z.int(),
      late: z.int(),
      expected: z.int(),
      spaces: z.int(),
      unmatched: z.int().meta({ description: 'sights that match no booking; a hundred stand for more' }),
    }),
    inside: z.array(
      z.object({
        ...car,
        since: instantText.nullable(),
        leaveBy: instantText.nullable(),
        minutesLate: z.int().meta({ description: '0 while it may stay' }),
        inCurfew: z.boolean().meta({ description: 'nothing may pass the gate now' }),
      }),
    ),
    expected: z.array(z.object({ ...car, from: instantText, leaveBy: instantText })),
    list: z
      .object({
        waiting: z.int(),
        failing: z.int().meta({ description: 'of those that wait: tried and failed before' }),
        refused: z.int(),
        lastError: z.string().nullable(),
      })
      .meta({ description: "how the gate's allow-list stands" }),
  })
  .meta({ id: 'LotPresence' });
export type PresenceAnswer = z.infer<typeof presenceAnswer>;

export const unmatchedQuery = z.strictObject(pageQuery);

export const unmatchedAnswer = z
  .object({
    id,
    kind: z.enum(['entry', 'exit']),
    at: instantText,
    plateMasked: z.string(),
    candidates: z.array(
      z.object({
        ...car,
        from: instantText,
        leaveBy: instantText,
        likeness: z.enum(['same', 'confusable', 'one-off']).meta({ description: 'how its plate is like the one read' }),
      }),
    ),
  })
  .meta({ id: 'UnmatchedSight' });
export type UnmatchedAnswer = z.infer<typeof unmatchedAnswer>;

export const assignRequest = z.strictObject({ bookingId: id });
export const dismissRequest = z.strictObject({ reason: shortText(200) });
export const revealedAnswer = z.object({ plate: z.string() });

export const sightAnswer = z
  .object({
    id,
    lotId: id,
    kind: z.enum(['entry', 'exit']),
    at: instantText,
    plateMasked: z.string(),
    state: z.enum(['matched', 'unmatched', 'dismissed']),
    bookingId: id.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'GateSight' });
