import { Hono, type Context as HonoContext } from 'hono';
import { createMiddleware } from 'hono/factory';
import { parseInstant, toText } from '../../../calendar/time.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { presentedToken } from '../../../http/middleware.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse, ruleResponse } from '../../../http/rule-response.ts';
import type { Localized } from '../../../http/schemas.ts';
import { validate } from '../../../http/validate.ts';
import { checkInRefusals } from '../../check-in-rules.ts';
import type { Context } from '../../service.ts';
import { gtfsRefusals } from '../gtfs/gtfs-refusals.ts';
import { positionAnswer, positionRequest, seenIn } from '../gtfs/position-schemas.ts';
import { recordPosition } from '../gtfs/record-position.ts';
import { releaseUnscanned } from '../standby/release-unscanned.ts';
import { boardingRefusals } from './boarding-rules.ts';
import {
  countsAnswer,
  countsRequest,
  manifestAnswer,
  scansAnswer,
  scansRequest,
  type ScansAnswer,
} from './boarding-schemas.ts';
import { isUsable, linkById, positionSpan, runDayOf, type DriverLink } from './links.ts';
import { manifestOf } from './manifest.ts';
import { recordScans } from './record-scans.ts';
import { countsOf, recordCounts, tallyByStop, tallyOfRun } from './tally.ts';
import { ridesOf } from './rides.ts';

/** What a route knows behind `withLink`. */
type ByLink = AppEnv & { Variables: { link: DriverLink; context: Context } };

/** Lets only holders of a driver's link through that was signed here, has not expired and was not taken back. */
const withLink = createMiddleware<ByLink>(async (c, next) => {
  const { contextNow, driverTokens } = c.get('deps');
  const context = await contextNow();
  const token = presentedToken(c.req.header('Authorization'), () => undefined);
  const linkId = token === null ? null : await driverTokens.read(context.site.id, token, context.now);
  const link = linkId === null ? null : await linkById(context, linkId);
  if (!link || !isUsable(link, context.now)) {
    c.header('WWW-Authenticate', 'Bearer');
    return problemResponse(c, 'bad-link');
  }
  c.set('link', link);
  c.set('context', context);
  return next();
});

/** What a driver does who has no account: all of it is of the one run that the link names. */
export const driverRoutes = new Hono<AppEnv>()
  .get(
    '/driver/run',
    describe({
      summary: 'The manifest of the run of a driver’s link (as bearer token), with what a phone needs to scan offline',
      tag: 'driver',
      access: 'anyone',
      answers: { 200: manifestAnswer },
      problems: ['bad-link', 'rule'],
    }),
    withLink,
    async (c) => {
      const { link, context } = c.var;
      const day = await runDayOf(context, link.runId, link.serviceDate);
      if (!day) return ruleResponse(c, 'not-running', boardingRefusals);
      // Whoever looks at the list just before the bus leaves sees who stood by and got a seat.
      await releaseUnscanned(context, link.runId, link.serviceDate);
      const { passes } = c.get('deps');
      return c.json(await manifestOf(context, day, { passes, linkId: link.id }));
    },
  )
  .post(
    '/driver/check-ins',
    describe({
      summary:
        'Tell what was scanned, now or later, in any order; each scan is answered by itself, a repeated one alike',
      tag: 'driver',
      access: 'anyone',
      answers: { 200: scansAnswer },
      problems: ['validation', 'bad-link'],
    }),
    withLink,
    validate('json', scansRequest),
    async (c) => {
      const { link, context } = c.var;
      const scans = c.req.valid('json').scans.map((scan) => ({ ...scan, at: parseInstant(scan.at) }));
      const { runId, serviceDate, id: driverLinkId } = link;
      const outcomes = await recordScans(context, c.get('deps').passes, { runId, serviceDate, driverLinkId, scans });
      const items: ScansAnswer['items'] = outcomes.map((outcome, index) => {
        const rule = outcome.outcome === 'refused' ? outcome.rule : null;
        return {
          nonce: scans[index]?.nonce ?? '',
          outcome: outcome.outcome,
          bookingId: outcome.bookingId,
          at: outcome.outcome === 'boarded' ? toText(outcome.at, context.site.timeZone) : null,
          rule,
          text: rule === null ? null : (texts[rule] ?? null),
        };
      });
      return c.json({ items, tally: await tallyNow(c) });
    },
  )
  .post(
    '/driver/tally',
    describe({
      summary: 'Tell who boarded without a ticket and who got off, per stop; each count is added once by its nonce',
      tag: 'driver',
      access: 'anyone',
      answers: { 200: countsAnswer },
      problems: ['validation', 'bad-link', 'rule'],
    }),
    withLink,
    validate('json', countsRequest),
    async (c) => {
      const { link, context } = c.var;
      // When it was is told by the phone's clock and decides nothing: only not the future.
      const counts = c.req
        .valid('json')
        .counts.map((count) => ({ ...count, at: Math.min(parseInstant(count.at), context.now) }));
      const day = await runDayOf(context, link.runId, link.serviceDate);
      const isServed = (id: string) => day?.stops.some(({ stopId }) => stopId === id) === true;
      if (!counts.every(({ stopId }) => isServed(stopId))) return ruleResponse(c, 'stop-not-on-run', boardingRefusals);
      const { runId, serviceDate, id: driverLinkId } = link;
      const key = { siteId: context.site.id, runId, serviceDate };
      await recordCounts(context.db, key, { counts, driverLinkId, now: context.now });
      return c.json({ tally: await tallyNow(c) });
    },
  )
  .post(
    '/driver/position',
    describe({
      summary: 'Say where the bus is, around the time of the run; map apps are told, and only the latest is kept',
      tag: 'driver',
      access: 'anyone',
      answers: { 200: positionAnswer },
      problems: ['validation', 'bad-link', 'rule'],
    }),
    withLink,
    validate('json', positionRequest),
    async (c) => {
      const { link, context } = c.var;
      const { runId, serviceDate } = link;
      const day = await runDayOf(context, runId, serviceDate);
      const span = day && positionSpan(day);
      if (!span || context.now < span.startsAt || context.now >= span.endsAt)
        return ruleResponse(c, 'not-under-way', boardingRefusals);
      const everySeconds = c.get('deps').config.gtfs.positionSeconds;
      const seen = seenIn(c.req.valid('json'));
      const actor = { as: 'driver', runId, serviceDate } as const;
      const recorded = await recordPosition(context, actor, { runId, serviceDate }, seen, everySeconds);
      if (!recorded.ok) return refusedResponse(c, recorded, gtfsRefusals);
      return c.json({ kept: recorded.kept, everySeconds });
    },
  );

const texts: Readonly<Record<string, Localized>> = { ...checkInRefusals, ...boardingRefusals };

async function tallyNow(c: HonoContext<ByLink>) {
  const { link, context } = c.var;
  const key = { siteId: context.site.id, runId: link.runId, serviceDate: link.serviceDate };
  const [rides, counts] = await Promise.all([ridesOf(context.db, key), countsOf(context.db, key)]);
  return tallyOfRun(tallyByStop(rides, counts).values());
}
