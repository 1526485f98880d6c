import { Hono } from 'hono';
import { z } from 'zod';
import { toText } from '../calendar/time.ts';
import { badCursor, cutPage, readIdCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse } from '../http/problem.ts';
import {
  id,
  instantText,
  isoDate,
  localized,
  pageOf,
  pageQuery,
  serviceKind,
  type Localized,
} from '../http/schemas.ts';
import { signedIn } from '../http/signed-in.ts';
import { noBody, validate } from '../http/validate.ts';
import { parseRowId } from '../services/drafting.ts';
import { serviceOfKind } from '../services/registry.ts';
import { bookingState } from '../services/schemas.ts';
import type { Context } from '../services/service.ts';
import { noticeKinds, noticesOf, readAllNotices, readNotice, type KeptNotice } from './notices.ts';

const noticeAnswer = z
  .object({
    id,
    kind: z.enum(noticeKinds),
    at: instantText,
    readAt: instantText.nullable(),
    title: localized.meta({ description: 'what it is about' }),
    serviceDate: isoDate,
    booking: z
      .object({
        id,
        kind: serviceKind,
        state: bookingState.meta({ description: 'as it is now' }),
        title: localized,
        startsAt: instantText,
        endsAt: instantText,
        serviceDate: isoDate,
      })
      .nullable()
      .meta({ description: 'null where it is about a day of a standing ride, or of a run that I wait for' }),
    standingRideId: id.nullable(),
    resourceId: id.nullable().meta({ description: 'of the run that I wait for, or waited for' }),
    reason: z.string().nullable().meta({ description: 'why the run was changed that day' }),
  })
  .meta({ id: 'Notice' });
export type NoticeAnswer = z.infer<typeof noticeAnswer>;

const noticeQuery = z.strictObject({
  unread: z.enum(['true', 'false']).optional().meta({ description: 'true: only those that were not read yet' }),
  ...pageQuery,
});

/** What the service tells people of their bookings. */
export const messageRoutes = new Hono<AppEnv>()
  .get(
    '/notices',
    describe({
      summary: 'What I was told, latest first',
      tag: 'notices',
      access: 'signed-in',
      answers: { 200: pageOf(noticeAnswer) },
      problems: ['validation'],
    }),
    signedIn,
    validate('query', noticeQuery),
    async (c) => {
      const { unread, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const before = readIdCursor(cursor);
      if (before === 'invalid') return badCursor(c);
      const search = { isUnread: unread === 'true', before, limit: limit + 1 };
      const notices = await noticesOf(context.db, context.site.id, c.get('caller').personId, search);
      const { page, nextCursor } = cutPage(notices, limit, (notice) => [notice.id]);
      return c.json({ items: page.map((notice) => present(context, notice)), nextCursor });
    },
  )
  .post(
    '/notices/:id/read',
    describe({
      summary: 'I have read one; twice is harmless',
      tag: 'notices',
      access: 'signed-in',
      answers: { 200: noticeAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const noticeId = parseRowId(c.req.valid('param').id);
      if (noticeId === null) return problemResponse(c, 'not-found');
      const read = { personId: c.get('caller').personId, noticeId, at: context.now };
      const notice = await readNotice(context.db, context.site.id, read);
      return notice ? c.json(present(context, notice)) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/notices/read',
    describe({
      summary: 'I have read all of them',
      tag: 'notices',
      access: 'signed-in',
      answers: { 204: null },
    }),
    signedIn,
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      await readAllNotices(context.db, context.site.id, c.get('caller').personId, context.now);
      return c.body(null, 204);
    },
  );

function present(context: Context, { id: noticeId, kind, at, readAt, ...about }: KeptNotice): NoticeAnswer {
  const zone = context.site.timeZone;
  const booking = about.booking && presentSubject(about.booking, zone);
  const day = about.resourceDay;
  const serviceDate = booking?.serviceDate ?? day?.serviceDate ?? about.standingRide?.serviceDate ?? '';
  return {
    id: String(noticeId),
    kind,
    at: toText(at, zone),
    readAt: readAt === null ? null : toText(readAt, zone),
    title: booking?.title ?? day?.title ?? titleOn(context, about.standingRide?.resourceId ?? '', serviceDate),
    serviceDate,
    booking,
    standingRideId: about.standingRide?.id ?? null,
    resourceId: day?.resourceId ?? null,
    reason: day?.reason ?? null,
  };
}

function presentSubject(
  { id: bookingId, kind, state, startsAt, endsAt, serviceDate, details }: NonNullable<KeptNotice['booking']>,
  zone: string,
): NonNullable<NoticeAnswer['booking']> {
  return {
    id: bookingId,
    kind: kind as NonNullable<NoticeAnswer['booking']>['kind'],
    state,
    title: serviceOfKind(kind)?.presentBooking({ startsAt, endsAt, details }, zone).title ?? { zh: '', en: '' },
    startsAt: toText(startsAt, zone),
    endsAt: toText(endsAt, zone),
    serviceDate,
  };
}

/** What a resource is called on a date. */
function titleOn({ catalogue }: Context, resourceId: string, date: string): Localized {
  const resource = catalogue.get(resourceId);
  if (!resource) return { zh: resourceId, en: resourceId };
  return serviceOfKind(resource.kind)?.presentResource(resource, date).name ?? resource.name;
}
