import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
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
import { alertById, alertsFrom, alertsOf } from './alert-rows.ts';
import { alertAnswer, alertQuery, alertRequest } from './alert-schemas.ts';
import { dispatchedBy } from '../dispatchers.ts';
import { presentAlerts } from './present-alerts.ts';
import { gtfsRefusals } from './gtfs-refusals.ts';
import { endAlert, publishAlert, type Told } from './service-alerts.ts';
import type { Once } from '../../../engine/once.ts';

const param = z.object({ id });
const problems = ['validation', 'not-found', 'rule', 'stale', 'key-reused', 'in-flight'] as const;

/** What riders are told of a line. */
export const alertRoutes = new Hono<AppEnv>()
  .get(
    '/shuttle/alerts',
    describe({
      summary:
        'What riders should know of now, all at once; with managed=true all that I may end or undo, latest first',
      tag: 'shuttle',
      access: 'anyone',
      answers: { 200: pageOf(alertAnswer) },
      problems: ['validation', 'not-found'],
    }),
    validate('query', alertQuery),
    async (c) => {
      const { managed, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const { db, site, now } = context;
      if (managed !== 'true') {
        const alerts = (await alertsFrom(db, site.id, now)).filter(({ startsAt }) => startsAt <= now);
        return c.json({ items: presentAlerts(context, alerts), nextCursor: null });
      }
      const caller = c.get('caller');
      const organisations = caller ? dispatchedBy(caller) : [];
      if (organisations.length === 0) return problemResponse(c, 'not-found');
      const after = cursor === undefined ? null : alertCursor(cursor);
      if (after === 'invalid') return badCursor(c);
      const found = await alertsOf(db, site.id, { organisations, after, limit: limit + 1 });
      const { page, nextCursor } = cutPage(found, limit, ({ at, id: lastId }) => [at, lastId]);
      return c.json({ items: presentAlerts(context, page), nextCursor });
    },
  )
  .post(
    '/shuttle/alerts',
    describe({
      summary: 'Tell riders of a line something (dispatcher, site administrator)',
      tag: 'shuttle',
      access: 'staff',
      answers: { 201: alertAnswer },
      problems,
    }),
    signedIn,
    validate('json', alertRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      return told(c, await publishAlert(context, c.get('caller'), c.req.valid('json'), c.get('idempotency')), 201);
    },
  )
  .post(
    '/shuttle/alerts/:id/end',
    describe({
      summary: 'End what riders are told (dispatcher, site administrator)',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: alertAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    (c) => stepped(c, c.req.valid('param').id, 'end'),
  )
  .post(
    '/shuttle/alerts/:id/undo',
    describe({
      summary: 'Take the ending back: riders are told as before (dispatcher, site administrator)',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: alertAnswer },
      problems,
    }),
    signedIn,
    validate('param', param),
    (c) => stepped(c, c.req.valid('param').id, 'undo'),
  );

async function stepped(c: HonoContext<SignedIn>, alertId: string, step: 'end' | 'undo') {
  const context = await c.get('deps').contextNow();
  const call = { idempotency: c.get('idempotency'), expectedVersion: seenVersion(c) };
  return told(c, await endAlert(context, c.get('caller'), alertId, step, call), 200);
}

/** The alert as it is now, or why nothing was done. */
async function told<Status extends 200 | 201>(c: HonoContext<SignedIn>, done: Once<Told>, status: Status) {
  if (!done.ok) return problemResponse(c, done.problem);
  const { result } = done;
  if (!result.ok && result.problem === 'stale') c.header('ETag', `"${result.version}"`);
  if (!result.ok) return refusedResponse(c, result, gtfsRefusals);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  const context = await c.get('deps').contextNow();
  const alert = await alertById(context.db, context.site.id, result.alertId);
  const [answer] = alert ? presentAlerts(context, [alert]) : [];
  if (!answer) throw new Error('an alert was not presented');
  c.header('ETag', `"${answer.version}"`);
  return c.json(answer, status);
}

function alertCursor(text: string) {
  const position = readCursor(text, ['number', 'string']);
  if (!position) return 'invalid';
  const [at, alertId] = position as [number, string];
  return isListedInstant(at) && isUuid(alertId) ? { at, id: alertId } : 'invalid';
}
