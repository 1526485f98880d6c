import { Hono } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readIdCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, pageOf, pageQuery } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { shuttleRefusals } from '../rules.ts';
import { joinStandby, leaveStandby } from './join-standby.ts';
import { presentPlaces } from './standby-places.ts';
import { placesOf } from './standby-rows.ts';
import { standbyAnswer, standbyRequest } from './standby-schemas.ts';

/** Standing by for seats that are not taken up. */
export const standbyRoutes = new Hono<AppEnv>()
  .get(
    '/shuttle/standby',
    describe({
      summary: 'My places on standby, latest first, with my position in the line',
      tag: 'shuttle',
      access: 'signed-in',
      answers: { 200: pageOf(standbyAnswer) },
      problems: ['validation'],
    }),
    signedIn,
    validate('query', z.strictObject(pageQuery)),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { limit, cursor } = c.req.valid('query');
      const before = readIdCursor(cursor);
      if (before === 'invalid') return badCursor(c);
      const found = await placesOf(context.db, context.site.id, c.get('caller').personId, { before, limit: limit + 1 });
      const { page, nextCursor } = cutPage(found, limit, ({ id: lastId }) => [lastId]);
      return c.json({ items: await presentPlaces(context, page), nextCursor });
    },
  )
  .post(
    '/shuttle/standby',
    describe({
      summary: 'Stand by for a ride that is full, or that booking has closed for',
      tag: 'shuttle',
      access: 'signed-in',
      answers: { 201: standbyAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', standbyRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const caller = c.get('caller');
      const done = await joinStandby(context, caller, c.req.valid('json'), c.get('idempotency'));
      if (!done.ok) return problemResponse(c, done.problem);
      const { result } = done;
      if (!result.ok) return refusedResponse(c, result, shuttleRefusals);
      if (done.replayed) c.header('Idempotent-Replay', 'true');
      const own = await placesOf(context.db, context.site.id, caller.personId, { before: result.id + 1, limit: 1 });
      const [answer] = await presentPlaces(context, own);
      if (!answer) throw new Error('a place on standby was not presented');
      return c.json(answer, 201);
    },
  )
  .delete(
    '/shuttle/standby/:id',
    describe({
      summary: 'Leave the line',
      tag: 'shuttle',
      access: 'signed-in',
      answers: { 204: null },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const left = await leaveStandby(context, c.get('caller'), c.req.valid('param').id);
      return left.ok ? c.body(null, 204) : refusedResponse(c, left, shuttleRefusals);
    },
  );
