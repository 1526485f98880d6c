import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { toText } from '../../../calendar/time.ts';
import { badCursor, cutPage, isListedInstant, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { seenVersion } from '../../../http/if-match.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { isUuid } from '../../drafting.ts';
import { answerOverstay, type Step } from './answer-overstay.ts';
import { lenderNames } from './lender-names.ts';
import { overstayById, searchOverstays, standingsOf } from './overstays.ts';
import {
  appealRequest,
  commentRequest,
  decisionRequest,
  overstayAnswer,
  overstayQuery,
  standingsAnswer,
  waiverRequest,
} from './overstay-schemas.ts';
import { presentOverstays } from './present-overstays.ts';
import { parkingRefusals } from '../rules.ts';
import { isStaffOf, lendersOf } from './staff.ts';

const param = z.object({ id });
const stepProblems = ['validation', 'not-found', 'rule', 'stale', 'key-reused', 'in-flight'] as const;

/** Cars that stayed too long: what follows, and what is said to it. */
export const overstayRoutes = new Hono<AppEnv>()
  .get(
    '/parking/overstays',
    describe({
      summary: 'My overstays, latest first; with managed=true those at the lenders whose parking I run',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: pageOf(overstayAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', overstayQuery),
    async (c) => {
      const { managed, state, late, resourceId, bookingId, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const forStaff = managed === 'true';
      const lenders = lendersOf(c.get('caller'));
      if (forStaff && lenders.length === 0) return problemResponse(c, 'not-found');
      const after = cursor === undefined ? null : overstayCursor(cursor);
      if (after === 'invalid') return badCursor(c);
      const found = await searchOverstays(context.db, {
        siteId: context.site.id,
        of: forStaff ? { lenders } : { personId: c.get('caller').personId },
        resourceId: resourceId ?? null,
        bookingId: bookingId ?? null,
        state: state ?? null,
        isInside: late === 'true',
        after,
        limit: limit + 1,
      });
      const { page, nextCursor } = cutPage(found, limit, ({ openedAt, id: lastId }) => [openedAt, lastId]);
      return c.json({ items: await presentOverstays(context, page, forStaff), nextCursor });
    },
  )
  .get(
    '/parking/standing',
    describe({
      summary: 'Where I stand with the lenders at whose lots I have overstayed',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: standingsAnswer },
    }),
    signedIn,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { db, site, now } = context;
      const standings = await standingsOf(db, site.id, c.get('caller').personId, now);
      const names = await lenderNames(db, site.id, [...standings.keys()]);
      const items = [...standings].map(([lender, { terms, suspendedUntil, ...standing }]) => ({
        lender: { id: lender, name: names.get(lender) ?? { zh: lender, en: lender } },
        ...standing,
        suspendedUntil: suspendedUntil === null ? null : toText(suspendedUntil, site.timeZone),
        countedDays: terms.countedDays,
        warnAt: terms.warnAt,
        suspendAt: terms.suspendAt,
        suspendDays: terms.suspendDays,
      }));
      return c.json({ items });
    },
  )
  .get(
    '/parking/overstays/:id',
    describe({
      summary: 'One overstay of mine, or at a lender whose parking I run',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: overstayAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    (c) => shown(c, c.req.valid('param').id),
  )
  .post(
    '/parking/overstays/:id/appeal',
    describe({
      summary: 'Appeal against an overstay of mine, once',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: overstayAnswer },
      problems: stepProblems,
    }),
    signedIn,
    validate('param', param),
    validate('json', appealRequest),
    (c) => stepped(c, c.req.valid('param').id, { step: 'appeal', ...c.req.valid('json') }),
  )
  .post(
    '/parking/overstays/:id/decision',
    describe({
      summary: 'Decide on an appeal (site administrator)',
      tag: 'parking',
      access: 'staff',
      answers: { 200: overstayAnswer },
      problems: stepProblems,
    }),
    signedIn,
    validate('param', param),
    validate('json', decisionRequest),
    (c) => {
      const { granted, reason } = c.req.valid('json');
      return stepped(c, c.req.valid('param').id, { step: 'decision', granted, text: reason });
    },
  )
  .post(
    '/parking/overstays/:id/waiver',
    describe({
      summary: 'Waive an overstay, at any time (site administrator)',
      tag: 'parking',
      access: 'staff',
      answers: { 200: overstayAnswer },
      problems: stepProblems,
    }),
    signedIn,
    validate('param', param),
    validate('json', waiverRequest),
    (c) => stepped(c, c.req.valid('param').id, { step: 'waiver', text: c.req.valid('json').reason }),
  )
  .post(
    '/parking/overstays/:id/comment',
    describe({
      summary: 'Say what the lender thinks of it; the last word stands (provider, site administrator)',
      tag: 'parking',
      access: 'staff',
      answers: { 200: overstayAnswer },
      problems: stepProblems,
    }),
    signedIn,
    validate('param', param),
    validate('json', commentRequest),
    (c) => stepped(c, c.req.valid('param').id, { step: 'comment', ...c.req.valid('json') }),
  );

/** The answer says what the caller may see: their own with the plate, as staff masked. */
async function shown(c: HonoContext<SignedIn>, overstayId: string) {
  const context = await c.get('deps').contextNow();
  const caller = c.get('caller');
  const overstay = isUuid(overstayId) ? await overstayById(context.db, context.site.id, overstayId) : null;
  const isOwn = overstay?.personId === caller.personId;
  if (!overstay || (!isOwn && !isStaffOf(caller, overstay.organisationId))) return problemResponse(c, 'not-found');
  const [answer] = await presentOverstays(context, [overstay], !isOwn);
  if (!answer) throw new Error('an overstay was not presented');
  c.header('ETag', `"${overstay.version}"`);
  return c.json(answer);
}

async function stepped(c: HonoContext<SignedIn>, overstayId: string, step: Step) {
  const context = await c.get('deps').contextNow();
  const call = { idempotency: c.get('idempotency'), expectedVersion: seenVersion(c) };
  const done = await answerOverstay(context, c.get('caller'), overstayId, step, call);
  if (!done.ok) return problemResponse(c, done.problem);
  const { result } = done;
  if (!result.ok && result.problem === 'stale') c.header('ETag', `"${result.version}"`);
  if (!result.ok) return refusedResponse(c, result, parkingRefusals);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  return shown(c, overstayId);
}

function overstayCursor(text: string) {
  const position = readCursor(text, ['number', 'string']);
  if (!position) return 'invalid';
  const [openedAt, overstayId] = position as [number, string];
  return isListedInstant(openedAt) && isUuid(overstayId) ? { openedAt, id: overstayId } : 'invalid';
}
