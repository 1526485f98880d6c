import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse } from '../http/problem.ts';
import { id, serviceKind, serviceKinds } from '../http/schemas.ts';
import { validate } from '../http/validate.ts';

const eventQuery = z.strictObject({
  kind: serviceKind.optional(),
  resourceId: id.optional(),
  lastEventId: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'where to resume from, for programs that cannot send the header `Last-Event-ID`' }),
});

/** How long who finds no place should stay away. */
const retryAfterSeconds = 10;

const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // Proxies that gather an answer before they pass it on would keep it for ever.
  'X-Accel-Buffering': 'no',
};

/** Availability as it changes, as server-sent events. */
export const eventRoutes = new Hono<AppEnv>().get(
  '/events',
  describe({
    summary: 'Server-sent events of availability; resumes from `Last-Event-ID`',
    tag: 'inventory',
    access: 'anyone',
    answers: {},
    events:
      '`slot`: {slotId, resourceId, kind, serviceDate, remaining, state, capacity}; `ready`: the stream is up to date; `reset`: ask GET /slots again. The last message of a change carries the id to resume from.',
    problems: ['validation', 'not-found', 'too-many-requests', 'busy', 'no-feed'],
  }),
  validate('query', eventQuery),
  async (c) => {
    const { kind, resourceId, lastEventId } = c.req.valid('query');
    const { live, contextNow, addressOf } = c.get('deps');
    const context = await contextNow();
    if (resourceId !== undefined && !context.catalogue.has(resourceId)) return problemResponse(c, 'not-found');
    if (!live) return problemResponse(c, 'no-feed');
    // Nobody reads the body of an answer to HEAD.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, streamHeaders);
    const interest = { kinds: kind ? [kind] : serviceKinds, resourceId: resourceId ?? null };
    // A whole company shares an address: whoever is signed in counts by themselves.
    const who = c.get('caller')?.personId ?? addressOf(c.req.raw, c.env);
    const after = positionIn(c.req.header('Last-Event-ID') ?? lastEventId);
    const stream = await live.of(context.site.id).feed.join(interest, who, after);
    if (stream instanceof ReadableStream) return c.body(stream, 200, streamHeaders);
    c.header('Retry-After', String(retryAfterSeconds));
    return problemResponse(c, stream === 'full' ? 'busy' : 'too-many-requests');
  },
);

/** Null for no position; one that cannot be read is above all that were given, so that it is known as none of ours. */
function positionIn(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER;
}
