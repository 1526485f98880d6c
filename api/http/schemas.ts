import { z } from 'zod';

/** A text in both languages of the service; `zh` is the original, `en` is complete. */
export const localized = z.object({ zh: z.string(), en: z.string() }).meta({ description: 'Chinese and English text' });
export type Localized = z.infer<typeof localized>;

/** RFC 3339 instant with the site's offset, e.g. `2026-11-23T18:30:00+08:00`. */
export const instantText = z.string().meta({ format: 'date-time', description: 'RFC 3339 instant with offset' });

/** ISO date in the site's zone. Of these two centuries: databases and calendars know no year 0 and none of five digits. */
export const isoDate = z.iso.date({ abort: true }).refine((date) => date >= '2000-01-01' && date < '2200-01-01', {
  error: 'a date from 2000 to 2199',
});

/** Integer fen (1/100 yuan), never a float. */
export const fen = z.int().meta({ description: 'integer fen' });

export const currency = z
  .string()
  .length(3)
  .meta({ description: 'ISO 4217 code; amounts beside it are its minor unit' });

/** An identifier from this API; opaque to callers. Bounded, so that nonsense is refused before it reaches a query. */
export const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9:._>-]*$/, { error: 'not an identifier of this API' });

/** A short text that people write: no control characters, and no more than it needs. */
export const shortText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'no control characters' });

export const serviceKinds = ['parking', 'canteen', 'shuttle', 'childcare'] as const;
export const serviceKind = z.enum(serviceKinds);
export type ServiceKind = z.infer<typeof serviceKind>;

/** `?limit=&cursor=` of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
};

/** `{ items, nextCursor }`; `nextCursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** RFC 9457 problem document. */
export const problemDocument = z
  .object({
    type: z.string().meta({ description: '/problems/<slug>' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    rule: z.string().optional().meta({ description: 'name of the rule that refused, for /problems/rule' }),
    until: instantText.optional().meta({ description: 'when a rule that refused ends by itself' }),
    slotId: z.string().optional(),
    bookingId: z.string().optional().meta({ description: "the caller's own booking that is in the way" }),
    part: z.int().optional().meta({ description: 'of a day plan: which of its bookings was refused, from 0 on' }),
    failing: z
      .array(z.object({ date: z.string(), reason: z.enum(['full', 'closed', 'elsewhere', 'kept']) }))
      .optional()
      .meta({ description: 'of a parking month that cannot be had whole: the nights in the way, and why' }),
    rest: z
      .object({ nights: z.int(), priceFen: z.int() })
      .optional()
      .meta({ description: 'what of that month can be had now (allowPartial)' }),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.infer<typeof problemDocument>;

/** To wait in line when a slot is full, instead of being refused. */
export const joinWaitlist = z.boolean().optional();
