import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readIdCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse } from '../http/problem.ts';
import { pageOf } from '../http/schemas.ts';
import { signedIn, type SignedIn } from '../http/signed-in.ts';
import { noBody, validate } from '../http/validate.ts';
import { parseRowId } from './drafting.ts';
import { presentEntry } from './present.ts';
import { refusalResponse } from './refusal-response.ts';
import { waitlistAnswer } from './registry.ts';
import { waitlistQuery } from './schemas.ts';
import { answerOffer, entriesOf, entryOf } from './waitlist.ts';

const param = z.object({ id: z.string().min(1).max(200) });

/** Waiting in line, and answering an offer. */
export const waitlistRoutes = new Hono<AppEnv>()
  .get(
    '/waitlist',
    describe({
      summary: 'Where I wait, with my position and what I am offered',
      tag: 'waitlist',
      access: 'signed-in',
      answers: { 200: pageOf(waitlistAnswer) },
      problems: ['validation'],
    }),
    signedIn,
    validate('query', waitlistQuery),
    async (c) => {
      const { state, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const before = readIdCursor(cursor);
      if (before === 'invalid') return badCursor(c);
      const search = { state: state ?? null, before, limit: limit + 1 };
      const entries = await entriesOf(context.db, context.site.id, c.get('caller').personId, search);
      const { page, nextCursor } = cutPage(entries, limit, ({ id }) => [id]);
      return c.json({ items: page.map((entry) => presentEntry(context, entry)), nextCursor });
    },
  )
  .get(
    '/waitlist/:id',
    describe({
      summary: 'One place in a queue',
      tag: 'waitlist',
      access: 'signed-in',
      answers: { 200: waitlistAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const entryId = parseRowId(c.req.valid('param').id);
      const entry = entryId && (await entryOf(context.db, context.site.id, c.get('caller').personId, entryId));
      return entry ? c.json(presentEntry(context, entry)) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/waitlist/:id/accept',
    describe({
      summary: 'Accept what I am offered; accepting twice is harmless',
      tag: 'waitlist',
      access: 'signed-in',
      answers: { 200: waitlistAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    noBody,
    (c) => answer(c, c.req.valid('param').id, 'accept'),
  )
  .post(
    '/waitlist/:id/decline',
    describe({
      summary: 'Decline what I am offered, or leave the queue; doing so twice is harmless',
      tag: 'waitlist',
      access: 'signed-in',
      answers: { 200: waitlistAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    noBody,
    (c) => answer(c, c.req.valid('param').id, 'decline'),
  );

async function answer(c: HonoContext<SignedIn>, id: string, what: 'accept' | 'decline') {
  const context = await c.get('deps').contextNow();
  const caller = c.get('caller');
  const entryId = parseRowId(id);
  if (entryId === null) return problemResponse(c, 'not-found');
  const answered = await answerOffer(context, caller, entryId, what, c.get('idempotency'));
  if (!answered.ok) return refusalResponse(c, answered);
  if (!answered.result.ok) return refusalResponse(c, answered.result);
  if (answered.replayed) c.header('Idempotent-Replay', 'true');
  const entry = await entryOf(context.db, context.site.id, caller.personId, entryId);
  return entry ? c.json(presentEntry(context, entry)) : problemResponse(c, 'not-found');
}
