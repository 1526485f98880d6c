import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { toText } from '../../../calendar/time.ts';
import { badCursor, cutPage, isListedInstant, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, pageOf, pageQuery } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { maskedPeople } from '../../../people/masked.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { shuttleRefusals } from '../rules.ts';
import { todayOf } from '../run-days.ts';
import { excuseNoShow, runsOfStaff, type Excuse } from './excuse-no-show.ts';
import { excuseRequest, noShowAnswer, noShowQuery, rideRecord, type NoShowAnswer } from './no-show-schemas.ts';
import { noShowsById, noShowsOn, type KeptNoShow } from './no-shows.ts';
import { pastRides, presentRides, presentStanding } from './ride-record.ts';

const param = z.object({ id });
const excuseProblems = ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'] as const;

/** Rides that were missed: my record, and what the dispatcher excuses. */
export const noShowRoutes = new Hono<AppEnv>()
  .get(
    '/shuttle/record',
    describe({
      summary: 'My rides that are over, latest first, and where I stand',
      tag: 'shuttle',
      access: 'signed-in',
      answers: { 200: rideRecord },
      problems: ['validation'],
    }),
    signedIn,
    validate('query', z.strictObject(pageQuery)),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const caller = c.get('caller');
      const { limit, cursor } = c.req.valid('query');
      const after = cursor === undefined ? null : rideCursor(cursor);
      if (after === 'invalid') return badCursor(c);
      const found = await pastRides(context, caller, { after, limit: limit + 1 });
      const { page, nextCursor } = cutPage(found, limit, ({ startsAt, id: lastId }) => [startsAt, lastId]);
      const items = await presentRides(context, page);
      return c.json({ items, nextCursor, standing: await presentStanding(context, caller.personId) });
    },
  )
  .get(
    '/shuttle/no-shows',
    describe({
      summary: 'Who missed a ride on a date, of the runs that I manage',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: pageOf(noShowAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', noShowQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const runIds = runsOfStaff(context, c.get('caller'));
      if (runIds.length === 0) return problemResponse(c, 'not-found');
      const { date, limit, cursor } = c.req.valid('query');
      const after = cursor === undefined ? null : rideCursor(cursor);
      if (after === 'invalid') return badCursor(c);
      const search = { siteId: context.site.id, runIds, date: date ?? todayOf(context), after, limit: limit + 1 };
      const found = await noShowsOn(context.db, search);
      const { page, nextCursor } = cutPage(found, limit, ({ startsAt, id: lastId }) => [startsAt, lastId]);
      return c.json({ items: await present(context, page), nextCursor });
    },
  )
  .post(
    '/shuttle/no-shows/:id/excuse',
    describe({
      summary: 'Excuse a missed ride: it does not count (dispatcher, site administrator)',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: noShowAnswer },
      problems: excuseProblems,
    }),
    signedIn,
    validate('param', param),
    validate('json', excuseRequest),
    (c) => excused(c, c.req.valid('param').id, c.req.valid('json')),
  )
  .post(
    '/shuttle/no-shows/:id/undo-excuse',
    describe({
      summary: 'Take an excuse back: the missed ride counts again',
      tag: 'shuttle',
      access: 'staff',
      answers: { 200: noShowAnswer },
      problems: excuseProblems,
    }),
    signedIn,
    validate('param', param),
    (c) => excused(c, c.req.valid('param').id, { undo: true }),
  );

async function excused(c: HonoContext<SignedIn>, bookingId: string, said: Excuse) {
  const context = await c.get('deps').contextNow();
  const done = await excuseNoShow(context, c.get('caller'), bookingId, said, c.get('idempotency'));
  if (!done.ok) return problemResponse(c, done.problem);
  if (!done.result.ok) return refusedResponse(c, done.result, shuttleRefusals);
  if (done.replayed) c.header('Idempotent-Replay', 'true');
  const known = (await noShowsById(context.db, context.site.id, [bookingId])).get(bookingId);
  const [answer] = known ? await present(context, [known]) : [];
  return answer ? c.json(answer) : problemResponse(c, 'not-found');
}

async function present({ db, site }: Context, noShows: readonly KeptNoShow[]): Promise<NoShowAnswer[]> {
  const people = await maskedPeople(
    db,
    site.id,
    noShows.map(({ personId }) => personId),
  );
  return noShows.flatMap(({ id: bookingId, personId, startsAt, details, isCancelled, yielded, excuse }) => {
    const person = people.get(personId);
    if (!person) return [];
    const { title, boardStop, alightStop, seats } = details;
    const stands = excuse !== null && excuse.undoneAt === null;
    return {
      ...{ bookingId, title, boardStop, alightStop, seats, person, yielded },
      departsAt: toText(startsAt, site.timeZone),
      counts: !stands && !isCancelled,
      excuse: stands ? { reason: excuse.reason, at: toText(excuse.at, site.timeZone) } : null,
    };
  });
}

function rideCursor(text: string) {
  const position = readCursor(text, ['number', 'string']);
  if (!position) return 'invalid';
  const [startsAt, bookingId] = position as [number, string];
  return isListedInstant(startsAt) && isUuid(bookingId) ? { startsAt, id: bookingId } : 'invalid';
}
