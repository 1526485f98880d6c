import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import type { Context } from '../../service.ts';
import { agreementRefusal } from './agreement-answers.ts';
import {
  agreementAnswer,
  agreementEffects,
  agreementOptions,
  agreementQuery,
  resumeRequest,
  suspensionRequest,
} from './agreement-schemas.ts';
import { isParty } from './agreements.ts';
import { agreementsFor, optionsOf, presentAgreements, presentEffects } from './present-agreement.ts';
import { resumeAgreement, suspendAgreement } from './suspend.ts';

const param = z.object({ id });
const tag = 'parking agreements';

/** The agreements of one's own parties: looking at them, suspending and resuming them. */
export const agreementRoutes = new Hono<AppEnv>()
  .get(
    '/parking/agreements',
    describe({
      summary: 'The agreements of which the caller is a party',
      tag,
      access: 'staff',
      answers: { 200: pageOf(agreementAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', agreementQuery),
    async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const caller = c.get('caller');
      if (!isParty(caller)) return problemResponse(c, 'not-found');
      const context = await c.get('deps').contextNow();
      const own = await agreementsFor(context, caller);
      const last = cursor === undefined ? null : readCursor(cursor, ['string'])?.[0];
      const start = last === null ? 0 : own.findIndex((each) => each.id === last) + 1;
      if (last === undefined || (last !== null && start === 0)) return badCursor(c);
      const { page, nextCursor } = cutPage(own.slice(start, start + limit + 1), limit, (each) => [each.id]);
      return c.json({ items: await presentAgreements(context, caller, page), nextCursor });
    },
  )
  .get(
    '/parking/agreement-options',
    describe({
      summary: 'What terms can name: lots, compounds, agreements for a swap',
      tag,
      access: 'staff',
      answers: { 200: agreementOptions },
      problems: ['not-found'],
    }),
    signedIn,
    async (c) => {
      if (!isParty(c.get('caller'))) return problemResponse(c, 'not-found');
      return c.json(await optionsOf(await c.get('deps').contextNow()));
    },
  )
  .get(
    '/parking/agreements/:id',
    describe({
      summary: 'One agreement',
      tag,
      access: 'staff',
      answers: { 200: agreementAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const own = await agreementsFor(context, c.get('caller'));
      const found = own.filter((each) => each.id === c.req.valid('param').id);
      const [agreement] = await presentAgreements(context, c.get('caller'), found);
      return agreement ? c.json(agreement) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/parking/agreements/:id/suspensions',
    describe({
      summary: 'Suspend an agreement on some dates; either party may',
      tag,
      access: 'staff',
      answers: { 200: agreementEffects },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', suspensionRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const request = { ...c.req.valid('json'), idempotency: c.get('idempotency') };
      const done = await suspendAgreement(context, c.get('caller'), c.req.valid('param').id, request);
      return effectsAnswer(c, context, done, !request.dryRun);
    },
  )
  .post(
    '/parking/agreements/:id/resume',
    describe({
      summary: 'End suspensions from a date on; either party may',
      tag,
      access: 'staff',
      answers: { 200: agreementEffects },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', resumeRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const request = { ...c.req.valid('json'), idempotency: c.get('idempotency') };
      const done = await resumeAgreement(context, c.get('caller'), c.req.valid('param').id, request);
      return effectsAnswer(c, context, done, !request.dryRun);
    },
  );

/** What a suspension, or its end, does or would do. */
async function effectsAnswer(
  c: HonoContext<SignedIn>,
  context: Context,
  done: Awaited<ReturnType<typeof suspendAgreement>>,
  applied: boolean,
) {
  if (!done.ok) return agreementRefusal(c, done);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  return c.json(await presentEffects(context, done.result, applied));
}
