import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { toText } from '../../../calendar/time.ts';
import { badCursor, cutPage, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse, ruleResponse } from '../../../http/rule-response.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { noBody, validate } from '../../../http/validate.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { boardingRefusals } from './boarding-rules.ts';
import {
  driverLinkAnswer,
  driverLinkQuery,
  driverLinkRequest,
  manifestAnswer,
  manifestQuery,
  newDriverLinkAnswer,
  type NewDriverLink,
} from './boarding-schemas.ts';
import { linkById, linksOf, makeLink, revokeLink, runDayOf, runOf, type DriverLink } from './links.ts';
import { manifestOf } from './manifest.ts';

/** What the dispatcher has of boarding: drivers' links, and the manifest of a run. */
export const boardingRoutes = new Hono<AppEnv>()
  .post(
    '/shuttle/driver-links',
    describe({
      summary: 'Make a link for the driver of one run on one date; it needs no account, and is shown once',
      tag: 'shuttle',
      access: 'staff',
      answers: { 201: newDriverLinkAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', driverLinkRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const wish = c.req.valid('json');
      const made = await makeLink(context, c.get('caller'), wish, c.get('idempotency'));
      if (!made.ok) return problemResponse(c, made.problem);
      if (!made.result.ok) return refusedResponse(c, made.result, boardingRefusals);
      const link = await linkById(context, made.result.id);
      if (!link) throw new Error('a link that was made is not there');
      if (made.replayed) c.header('Idempotent-Replay', 'true');
      return c.json(await withPath(c, context, link), 201);
    },
  )
  .get(
    '/shuttle/driver-links',
    describe({
      summary: 'The links of a run on a date, latest first; not what opens them',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: pageOf(driverLinkAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', driverLinkQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { runId, serviceDate, limit, cursor } = c.req.valid('query');
      if (!runOf(context, c.get('caller'), runId)) return problemResponse(c, 'not-found');
      const before = cursor === undefined ? null : readCursor(cursor, ['string'])?.[0];
      if (before !== null && (typeof before !== 'string' || !isUuid(before))) return badCursor(c);
      const found = await linksOf(context, { runId, serviceDate, before, limit: limit + 1 });
      const { page, nextCursor } = cutPage(found, limit, (link) => [link.id]);
      return c.json({ items: page.map((link) => present(context, link)), nextCursor });
    },
  )
  .post(
    '/shuttle/driver-links/:id/revoke',
    describe({
      summary: 'Take a link back: from then on it opens nothing; once more changes nothing',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: driverLinkAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const link = await revokeLink(context, c.get('caller'), c.req.valid('param').id);
      return link ? c.json(present(context, link)) : problemResponse(c, 'not-found');
    },
  )
  .get(
    '/shuttle/manifest',
    describe({
      summary: 'Who boards and alights where on a run’s day, names masked, and who has',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: manifestAnswer },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('query', manifestQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { runId, serviceDate } = c.req.valid('query');
      const run = runOf(context, c.get('caller'), runId);
      if (!run) return problemResponse(c, 'not-found');
      const day = await runDayOf(context, run.id, serviceDate);
      return day ? c.json(await manifestOf(context, day, null)) : ruleResponse(c, 'not-running', boardingRefusals);
    },
  );

function present({ site, now }: Context, link: DriverLink) {
  const { id: linkId, runId, serviceDate, createdAt, expiresAt, revokedAt } = link;
  const text = (instant: number) => toText(instant, site.timeZone);
  const state =
    revokedAt !== null ? ('revoked' as const) : now < expiresAt ? ('usable' as const) : ('expired' as const);
  return {
    ...{ id: linkId, runId, serviceDate, state },
    createdAt: text(createdAt),
    expiresAt: text(expiresAt),
    revokedAt: revokedAt === null ? null : text(revokedAt),
  };
}

/** The token follows from the link and the secret, so a repeated request is told the same. */
async function withPath(c: HonoContext<SignedIn>, context: Context, link: DriverLink): Promise<NewDriverLink> {
  const { siteId, id: linkId, runId, serviceDate, expiresAt } = link;
  const token = await c.get('deps').driverTokens.sign({ siteId, linkId, runId, serviceDate, expiresAt });
  return { ...present(context, link), path: `/driver/run#${token}` };
}
