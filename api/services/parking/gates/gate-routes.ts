import { createMiddleware } from 'hono/factory';
import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { parseInstant } from '../../../calendar/time.ts';
import { isSigned, signatureHeader, timestampHeader } from '../../../gates/signature.ts';
import { badCursor, cutPage, readIdCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { noBody, validate } from '../../../http/validate.ts';
import { normalPlate } from '../../../people/plate.ts';
import {
  assignRequest,
  dismissRequest,
  gateEventsAnswer,
  gateEventsRequest,
  gateLotsAnswer,
  presenceAnswer,
  revealedAnswer,
  sightAnswer,
  unmatchedAnswer,
  unmatchedQuery,
} from './gate-schemas.ts';
import { ownLot, ownLots } from './lots.ts';
import { presentLot, presentPresence, presentSight, presentUnmatched } from './present-gates.ts';
import { recordSights } from './record-sights.ts';
import { resolveSight, revealPlate, type Resolution } from './resolve-sight.ts';
import { unmatchedSights } from './unmatched-sights.ts';
import { whoIsIn } from './who-is-in.ts';
import { parkingRefusals } from '../rules.ts';

const param = z.object({ id });

/** Lets only messages through that the gate has signed: nothing of any other is read. */
const signedByGate = createMiddleware<AppEnv>(async (c, next) => {
  const { clock, config } = c.get('deps');
  const message = {
    timestamp: c.req.header(timestampHeader),
    signature: c.req.header(signatureHeader),
    body: new Uint8Array(await c.req.arrayBuffer()),
  };
  const isGenuine = config.gate.secret !== null && isSigned(config.gate.secret, message, clock.now());
  return isGenuine ? next() : problemResponse(c, 'bad-signature');
});

/** What gates tell, who is in by it, and what has to be matched by hand. */
export const gateRoutes = new Hono<AppEnv>()
  .post(
    '/gates/events',
    describe({
      summary: `What a lot's gate saw, signed: ${signatureHeader} is hex HMAC-SHA256 over ${timestampHeader} (Unix seconds), a dot and the body`,
      tag: 'gates',
      access: 'anyone',
      answers: { 200: gateEventsAnswer },
      problems: ['bad-signature', 'validation', 'not-found'],
    }),
    signedByGate,
    validate('json', gateEventsRequest),
    async (c) => {
      const { lotId, events } = c.req.valid('json');
      const told = events.map((each) => ({ ...each, plate: normalPlate(each.plate), at: parseInstant(each.at) }));
      const recorded = await recordSights(await c.get('deps').contextNow(), lotId, told);
      if (!recorded.ok) return problemResponse(c, 'not-found');
      const { accepted, duplicates, refused } = recorded;
      return c.json({ accepted, duplicates, refused });
    },
  )
  .get(
    '/parking/gates',
    describe({
      summary: 'The lots whose gates I run',
      tag: 'gates',
      access: 'staff',
      answers: { 200: gateLotsAnswer },
      problems: ['not-found'],
    }),
    signedIn,
    async (c) => {
      const caller = c.get('caller');
      const lots = await ownLots(await c.get('deps').contextNow(), caller);
      const isSiteWide = caller.roles.some(({ role }) => role === 'site-administrator');
      if (lots.length === 0 && !isSiteWide) return problemResponse(c, 'not-found');
      // A park has few lots: they are one page.
      return c.json({ items: lots.map(presentLot), nextCursor: null });
    },
  )
  .get(
    '/parking/lots/:id/presence',
    describe({
      summary: 'Who is in a lot of mine, who is late first, and who is expected',
      tag: 'gates',
      access: 'staff',
      answers: { 200: presenceAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const lot = await ownLot(context, c.get('caller'), c.req.valid('param').id);
      if (!lot) return problemResponse(c, 'not-found');
      return c.json(presentPresence(context, lot, await whoIsIn(context, lot)));
    },
  )
  .get(
    '/parking/lots/:id/unmatched',
    describe({
      summary: 'What the gate of a lot of mine saw that matches no booking, newest first',
      tag: 'gates',
      access: 'staff',
      answers: { 200: pageOf(unmatchedAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    validate('query', unmatchedQuery),
    async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const before = readIdCursor(cursor);
      if (before === 'invalid') return badCursor(c);
      const context = await c.get('deps').contextNow();
      const lot = await ownLot(context, c.get('caller'), c.req.valid('param').id);
      if (!lot) return problemResponse(c, 'not-found');
      const found = await unmatchedSights(context, lot, { before, limit: limit + 1 });
      const { page, nextCursor } = cutPage(found, limit, (sight) => [sight.id]);
      return c.json({ items: page.map((sight) => presentUnmatched(context, sight)), nextCursor });
    },
  )
  .post(
    '/parking/sights/:id/assign',
    describe({
      summary: 'Say which booking something belongs to that a gate of mine saw',
      tag: 'gates',
      access: 'staff',
      answers: { 200: sightAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', assignRequest),
    (c) => resolved(c, c.req.valid('param').id, c.req.valid('json')),
  )
  .post(
    '/parking/sights/:id/dismiss',
    describe({
      summary: 'Say why something that a gate of mine saw belongs to no booking',
      tag: 'gates',
      access: 'staff',
      answers: { 200: sightAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', dismissRequest),
    (c) => resolved(c, c.req.valid('param').id, c.req.valid('json')),
  )
  .post(
    '/parking/sights/:id/reveal',
    describe({
      summary: 'The plate in full that a gate of mine read; that I saw it is logged',
      tag: 'gates',
      access: 'staff',
      answers: { 200: revealedAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const revealed = await revealPlate(context, c.get('caller'), c.req.valid('param').id);
      return revealed ? c.json(revealed) : problemResponse(c, 'not-found');
    },
  );

async function resolved(c: HonoContext<SignedIn>, sightId: string, resolution: Resolution) {
  const context = await c.get('deps').contextNow();
  const act = { id: sightId, resolution, idempotency: c.get('idempotency') };
  const done = await resolveSight(context, c.get('caller'), act);
  if (!done.ok) return refusedResponse(c, done, parkingRefusals);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  return c.json(presentSight(context, done.sight));
}
