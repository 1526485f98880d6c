import { z } from 'zod';
import { alertCauses, alertEffects } from '../../../../db/schema/index.ts';
import { id, instantText, localized, pageQuery, shortText } from '../../../http/schemas.ts';

const both = (maxLength: number) => z.strictObject({ zh: shortText(maxLength), en: shortText(maxLength) });
/** What a browser's field for date and time gives, `2026-11-23T18:30`, or an instant. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/)])
  .refine((text) => text >= '2000-01-01' && text < '2200-01-01', { error: 'a time from 2000 to 2199' });
const someIds = z.array(id).max(50).default([]);

/** What to tell riders of a line. */
export const alertRequest = z.strictObject({
  lineId: id,
  cause: z.enum(alertCauses),
  effect: z.enum(alertEffects),
  title: both(80),
  text: both(500).optional(),
  startsAt: moment.optional().meta({ description: 'now when left out; without an offset a local time of the site' }),
  endsAt: moment
    .optional()
    .meta({ description: 'until it is ended when left out; without an offset a local time of the site' }),
  runIds: someIds.meta({ description: 'the runs that it is about; none: all' }),
  stopIds: someIds.meta({ description: 'the stops that it is about; none: all' }),
});
export type AlertRequest = z.infer<typeof alertRequest>;

/** `over`: its time has passed; `ended`: somebody has ended it before. */
const alertState = z.enum(['upcoming', 'current', 'over', 'ended']);

const named = z.object({ id, name: localized });

export const alertAnswer = z
  .object({
    id,
    lineId: id,
    cause: z.enum(alertCauses),
    effect: z.enum(alertEffects),
    title: localized,
    text: localized.nullable(),
    startsAt: instantText,
    endsAt: instantText.nullable(),
    state: alertState,
    runs: z.array(named).meta({ description: 'none: all' }),
    stops: z.array(named).meta({ description: 'none: all' }),
    publishedAt: instantText,
    endedAt: instantText.nullable(),
    version: z.int(),
  })
  .meta({ id: 'ServiceAlert' });
export type AlertAnswer = z.infer<typeof alertAnswer>;

export const alertQuery = z.strictObject({
  ...pageQuery,
  managed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: all that there were, of the lines that I dispatch, latest first' }),
});
