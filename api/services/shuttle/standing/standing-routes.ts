import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { seenVersion } from '../../../http/if-match.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { noBody, validate } from '../../../http/validate.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { shuttleRefusals } from '../rules.ts';
import { presentRide, presentRides } from './standing-answers.ts';
import { alterRide, makeRide, resumeRide, stopRide, type Stood } from './standing-commands.ts';
import { rideOfPerson, ridesOf } from './standing-rows.ts';
import { standingRefusals } from './standing-rules.ts';
import {
  standingChangeRequest,
  standingQuery,
  standingRideAnswer,
  standingRideRequest,
  standingStopRequest,
} from './standing-schemas.ts';

const param = z.object({ id });
const problems = ['validation', 'not-found', 'rule', 'stale', 'key-reused', 'in-flight', 'busy'] as const;
const tag = 'shuttle';

/** Rides that book themselves: every working day, until a date. */
export const standingRoutes = new Hono<AppEnv>()
  .post(
    '/shuttle/standing-rides',
    describe({
      summary:
        'Book a ride for every working day, or some weekdays, as each day opens; with dryRun only the report of the days',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer, 201: standingRideAnswer },
      problems,
    }),
    signedIn,
    validate('json', standingRideRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const request = c.req.valid('json');
      const made = await makeRide(context, c.get('caller'), request, c.get('idempotency'));
      if (!made.ok) return refused(c, made);
      if (made.replayed) c.header('Idempotent-Replay', 'true');
      const isDryRun = request.dryRun === true;
      const shown = presentRide(context, made.ride, made.days, !isDryRun);
      if (isDryRun) return c.json(shown, 200);
      c.header('Location', `/api/v1/shuttle/standing-rides/${shown.id}`);
      return c.json(shown, 201);
    },
  )
  .get(
    '/shuttle/standing-rides',
    describe({
      summary: 'My standing rides, latest first, each with the report of its days',
      tag,
      access: 'signed-in',
      answers: { 200: pageOf(standingRideAnswer) },
      problems: ['validation'],
    }),
    signedIn,
    validate('query', standingQuery),
    async (c) => {
      const { state, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const before = cursor === undefined ? null : (readCursor(cursor, ['string'])?.[0] ?? '');
      if (before !== null && !isUuid(String(before))) return badCursor(c);
      const search = { state: state ?? null, before: before === null ? null : String(before), limit: limit + 1 };
      const found = await ridesOf(context.db, context.site.id, c.get('caller').personId, search);
      const { page, nextCursor } = cutPage(found, limit, (ride) => [ride.id]);
      return c.json({ items: await presentRides(context, page), nextCursor });
    },
  )
  .get(
    '/shuttle/standing-rides/:id',
    describe({
      summary: 'One standing ride of mine',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const rideId = c.req.valid('param').id;
      const personId = c.get('caller').personId;
      const ride = isUuid(rideId) ? await rideOfPerson(context.db, context.site.id, personId, rideId) : null;
      const [shown] = ride ? await presentRides(context, [ride]) : [];
      return shown ? c.json(shown) : problemResponse(c, 'not-found');
    },
  )
  .patch(
    '/shuttle/standing-rides/:id',
    describe({
      summary: 'Change the days that are not booked yet; what failed is tried again, what is booked stays',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    validate('json', standingChangeRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const change = c.req.valid('json');
      const altered = await alterRide(context, c.get('caller'), c.req.valid('param').id, change, called(c));
      return stood(c, context, altered, change.dryRun !== true);
    },
  )
  .post(
    '/shuttle/standing-rides/:id/pause',
    describe({
      summary: 'Book no more days until it is resumed',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    validate('json', standingStopRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const stop = { to: 'paused', ...c.req.valid('json') } as const;
      return stood(c, context, await stopRide(context, c.get('caller'), c.req.valid('param').id, stop, called(c)));
    },
  )
  .post(
    '/shuttle/standing-rides/:id/resume',
    describe({
      summary: 'Book again from today on; days that I cancelled stay cancelled',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      return stood(c, context, await resumeRide(context, c.get('caller'), c.req.valid('param').id, called(c)));
    },
  )
  .post(
    '/shuttle/standing-rides/:id/end',
    describe({
      summary: 'End it for good, and say what becomes of the rides that are booked',
      tag,
      access: 'signed-in',
      answers: { 200: standingRideAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    validate('json', standingStopRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const stop = { to: 'ended', ...c.req.valid('json') } as const;
      return stood(c, context, await stopRide(context, c.get('caller'), c.req.valid('param').id, stop, called(c)));
    },
  );

const called = (c: HonoContext<SignedIn>) => ({ idempotency: c.get('idempotency'), expectedVersion: seenVersion(c) });

const refused = (c: HonoContext<SignedIn>, refusal: Exclude<Stood, { ok: true }>) =>
  refusedResponse(c, refusal, { ...shuttleRefusals, ...standingRefusals });

function stood(c: HonoContext<SignedIn>, context: Context, done: Stood, applied = true) {
  if (!done.ok) return refused(c, done);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  return c.json(presentRide(context, done.ride, done.days, applied));
}
