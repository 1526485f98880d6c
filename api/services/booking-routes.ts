import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { answer } from '../http/answer.ts';
import { badCursor, cutPage, isListedInstant, readCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse } from '../http/problem.ts';
import { id, pageOf } from '../http/schemas.ts';
import { signedIn, type SignedIn } from '../http/signed-in.ts';
import { noBody, validate } from '../http/validate.ts';
import { book, type Booked } from './book.ts';
import { bookingsById, searchBookings } from './bookings.ts';
import { cancelBooking } from './cancel.ts';
import { isUuid } from './drafting.ts';
import { managesBooking, managesResource } from './manages.ts';
import { presentBooking, presentEntry } from './present.ts';
import { refusalResponse } from './refusal-response.ts';
import {
  bookingAnswer,
  bookingRequest,
  explanationOf,
  noteRefusal,
  waitlistAnswer,
  type BookingAnswer,
  type BookingRequest,
} from './registry.ts';
import { bookingQuery } from './schemas.ts';
import type { Context } from './service.ts';
import { entryOf } from './waitlist.ts';

/** The parts of a day plan are wanted together: none of them waits in line. */
const bundleRequest = z.strictObject({
  bookings: z
    .array(
      bookingRequest.refine(({ joinWaitlist }) => joinWaitlist !== true, { error: 'a day plan does not wait in line' }),
    )
    .min(1)
    .max(8),
});
const bundleAnswer = z.object({ bookings: z.array(bookingAnswer) });

/** Booking, looking at bookings, and cancelling them. */
export const bookingRoutes = new Hono<AppEnv>()
  .post(
    '/bookings',
    describe({
      summary: 'Book parking, a meal, shuttle seats or a class',
      tag: 'bookings',
      access: 'signed-in',
      answers: { 201: bookingAnswer, 202: waitlistAnswer },
      problems: ['validation', 'not-found', 'slot-full', 'overlap', 'rule', 'key-reused', 'in-flight', 'busy'],
    }),
    signedIn,
    validate('json', bookingRequest),
    async (c) => {
      const { contextNow, engine } = c.get('deps');
      const context = await contextNow();
      const request = c.req.valid('json');
      const booked = await book(context, engine, c.get('caller'), [request], c.get('idempotency'));
      if (!booked.ok) {
        await noteFull(c, context, [request], booked);
        return refusalResponse(c, booked, await whatIsInTheWay(context, request, booked));
      }
      if ('entryId' in booked) {
        const entry = await entryOf(context.db, context.site.id, c.get('caller').personId, booked.entryId);
        if (!entry) throw new Error('a place in the queue is not there');
        if (booked.replayed) c.header('Idempotent-Replay', 'true');
        c.header('Location', `/api/v1/waitlist/${entry.id}`);
        return c.json(presentEntry(context, entry), 202);
      }
      const [booking] = booked.bookings;
      if (!booking) throw new Error('an admitted booking is not there');
      return answer(c, presentBooking(context, booking, booked.replayed), 201, {
        Location: `/api/v1/bookings/${booking.id}`,
        ...(booked.replayed && { 'Idempotent-Replay': 'true' }),
      });
    },
  )
  .post(
    '/bookings/bundle',
    describe({
      summary: 'Book a day plan: all of it or nothing',
      tag: 'bookings',
      access: 'signed-in',
      answers: { 201: bundleAnswer },
      problems: ['validation', 'not-found', 'slot-full', 'overlap', 'rule', 'key-reused', 'in-flight', 'busy'],
    }),
    signedIn,
    validate('json', bundleRequest),
    async (c) => {
      const { contextNow, engine } = c.get('deps');
      const context = await contextNow();
      const requests = c.req.valid('json').bookings;
      const booked = await book(context, engine, c.get('caller'), requests, c.get('idempotency'));
      if (!booked.ok) {
        await noteFull(c, context, requests, booked);
        return refusalResponse(c, booked, booked.part === undefined ? {} : { part: booked.part });
      }
      if ('entryId' in booked) throw new Error('a day plan does not wait in line');
      if (booked.replayed) c.header('Idempotent-Replay', 'true');
      const bookings: BookingAnswer[] = booked.bookings.map((booking) =>
        presentBooking(context, booking, booked.replayed),
      );
      return c.json({ bookings }, 201);
    },
  )
  .get(
    '/bookings',
    describe({
      summary: 'My bookings; for staff, those of a resource that they manage',
      tag: 'bookings',
      access: 'signed-in',
      answers: { 200: pageOf(bookingAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', bookingQuery),
    async (c) => {
      const query = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      const caller = c.get('caller');
      if (query.resourceId !== undefined && !managesResource(context, caller, query.resourceId)) {
        return problemResponse(c, 'not-found');
      }
      const after = query.cursor === undefined ? null : bookingCursor(query.cursor);
      if (after === 'invalid') return badCursor(c);
      const bookings = await searchBookings(context.db, {
        siteId: context.site.id,
        personId: query.resourceId === undefined ? caller.personId : null,
        resourceId: query.resourceId ?? null,
        kind: query.kind ?? null,
        bundleId: query.bundleId ?? null,
        state: query.state ?? null,
        when: query.when ?? null,
        now: context.now,
        after,
        limit: query.limit + 1,
      });
      const { page, nextCursor } = cutPage(bookings, query.limit, ({ startsAt, id: lastId }) => [startsAt, lastId]);
      return c.json({ items: page.map((booking) => presentBooking(context, booking)), nextCursor });
    },
  )
  .get(
    '/bookings/:id',
    describe({
      summary: 'One booking',
      tag: 'bookings',
      access: 'signed-in',
      answers: { 200: bookingAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const caller = c.get('caller');
      const bookingId = c.req.valid('param').id;
      const [booking] = isUuid(bookingId) ? await bookingsById(context.db, context.site.id, [bookingId]) : [];
      const isVisible = booking && (booking.personId === caller.personId || managesBooking(context, caller, booking));
      return isVisible ? c.json(presentBooking(context, booking)) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/bookings/:id/cancel',
    describe({
      summary: 'Cancel a booking; cancelling twice is harmless',
      tag: 'bookings',
      access: 'signed-in',
      answers: { 200: bookingAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const cancelled = await cancelBooking(context, c.get('caller'), c.req.valid('param').id, c.get('idempotency'));
      if (!cancelled.ok) return refusalResponse(c, cancelled);
      if (cancelled.replayed) c.header('Idempotent-Replay', 'true');
      return c.json(presentBooking(context, cancelled.booking));
    },
  );

/** Counts what was full: demand that no booking tells of. */
async function noteFull(
  c: HonoContext<SignedIn>,
  context: Context,
  requests: readonly BookingRequest[],
  refusal: Exclude<Booked, { ok: true }>,
): Promise<void> {
  if (refusal.problem !== 'slot-full') return;
  const refused = { slotId: refusal.slotId, personId: c.get('caller').personId };
  await noteRefusal(c.get('deps').wishes, context, requests, refused);
}

/** What the service says of a wish that the engine refused. */
async function whatIsInTheWay(context: Context, request: BookingRequest, refusal: Exclude<Booked, { ok: true }>) {
  const slotId = 'slotId' in refusal ? refusal.slotId : null;
  const isOfEngine = slotId !== null || refusal.problem === 'overlap';
  return isOfEngine ? explanationOf(context, request, slotId) : {};
}

function bookingCursor(text: string) {
  const position = readCursor(text, ['number', 'string']);
  if (!position) return 'invalid';
  const [startsAt, bookingId] = position as [number, string];
  return isListedInstant(startsAt) && isUuid(bookingId) ? { startsAt, id: bookingId } : 'invalid';
}
