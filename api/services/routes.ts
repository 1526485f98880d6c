import { Hono } from 'hono';
import { z } from 'zod';
import { dateOf, plusDays } from '../calendar/time.ts';
import type { SlotSearch } from '../engine/find-slots.ts';
import { answerWithText } from '../http/answer.ts';
import { badCursor, isListedInstant, readCursor, writeCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse, type AnyContext, type ProblemResponse } from '../http/problem.ts';
import { id, isoDate, pageOf, serviceKinds } from '../http/schemas.ts';
import { validate } from '../http/validate.ts';
import { managesResource } from './manages.ts';
import { listSlots, type SlotList } from './list-slots.ts';
import { presentResource } from './present.ts';
import { resourceAnswer, services } from './registry.ts';
import { resourceQuery, slotAnswer, slotQuery } from './schemas.ts';

const maxDays = 400;
const defaultDays = 7;

/** What can be booked, when, and how much of it there is. */
export const inventoryRoutes = new Hono<AppEnv>()
  .get(
    '/resources',
    describe({
      summary: 'What can be booked',
      tag: 'inventory',
      access: 'anyone',
      answers: { 200: pageOf(resourceAnswer) },
      problems: ['validation'],
    }),
    validate('query', resourceQuery),
    async (c) => {
      const { kind, managed, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const caller = c.get('caller');
      const listed = [...context.catalogue.values()]
        .filter((resource) =>
          kind ? resource.kind === kind : (serviceKinds as readonly string[]).includes(resource.kind),
        )
        .filter((resource) => managed !== 'true' || (caller !== null && managesResource(context, caller, resource.id)));
      const start = cursor === undefined ? 0 : startAfter(listed, readCursor(cursor, ['string'])?.[0]);
      if (start === null) return badCursor(c);
      const page = listed.slice(start, start + limit);
      const last = page.at(-1);
      const nextCursor = last && start + limit < listed.length ? writeCursor([last.id]) : null;
      return c.json({ items: page.map((resource) => presentResource(context, resource)), nextCursor });
    },
  )
  .get(
    '/resources/:id',
    describe({
      summary: 'One resource',
      tag: 'inventory',
      access: 'anyone',
      answers: { 200: resourceAnswer },
      problems: ['validation', 'not-found'],
    }),
    validate('param', z.object({ id })),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const resource = context.catalogue.get(c.req.valid('param').id);
      const isListed = resource && (serviceKinds as readonly string[]).includes(resource.kind);
      return isListed ? c.json(presentResource(context, resource)) : problemResponse(c, 'not-found');
    },
  )
  .get(
    '/slots',
    describe({
      summary: 'Slots by service date, with what is left of them',
      tag: 'inventory',
      access: 'anyone',
      answers: { 200: pageOf(slotAnswer) },
      problems: ['validation', 'not-found'],
    }),
    validate('query', slotQuery),
    async (c) => {
      const query = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const from = query.from ?? dateOf(context.now, context.site.timeZone);
      const to = query.to ?? plusDays(from, (query.kind ? services[query.kind].browseDays : defaultDays) - 1);
      if (to < from || plusDays(from, maxDays) < to) return badRange(c);
      if (query.resourceId !== undefined && !context.catalogue.has(query.resourceId))
        return problemResponse(c, 'not-found');
      const after = query.cursor === undefined ? null : slotCursor(query.cursor);
      if (after === 'invalid') return badCursor(c);
      const { kind, limit } = query;
      const siteId = context.site.id;
      const kinds = kind ? [kind] : serviceKinds;
      const search: SlotSearch = { siteId, kinds, resourceId: query.resourceId ?? null, from, to, after, limit };
      const live = c.get('deps').live?.of(siteId);
      if (!live) return c.json((await listSlots(context, search)).list);
      const { body, isGzip } = await live.pages.read(context, search, takesGzip(c));
      const encoding = { Vary: 'Accept-Encoding', ...(isGzip && { 'Content-Encoding': 'gzip' }) };
      return answerWithText<SlotList, 200>(c, body, 200, encoding);
    },
  );

/** Whether the caller takes gzip; `gzip;q=0` says no. */
function takesGzip(c: AnyContext): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(c.req.header('Accept-Encoding') ?? '');
}

function startAfter(listed: readonly { id: string }[], lastId: string | number | undefined): number | null {
  const index = listed.findIndex((resource) => resource.id === lastId);
  return index < 0 ? null : index + 1;
}

function slotCursor(text: string) {
  const position = readCursor(text, ['string', 'number', 'number']);
  if (!position) return 'invalid';
  const [serviceDate, startsAt, slotId] = position as [string, number, number];
  const isValid = isoDate.safeParse(serviceDate).success && isListedInstant(startsAt) && Number.isSafeInteger(slotId);
  return isValid ? { serviceDate, startsAt, id: slotId } : 'invalid';
}

function badRange(c: AnyContext): ProblemResponse {
  const message =
    c.get('language') === 'en'
      ? `not before \`from\`, and at most ${maxDays} days after it`
      : `不能早于 from，且最多晚 ${maxDays} 天`;
  return problemResponse(c, 'validation', { errors: [{ pointer: '/to', message }] });
}
