import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { entitlementsFor, offerOfMonth } from './entitlements.ts';
import { entitlementsAnswer, monthOffer, monthQuery, releaseAnswer, releaseRequest } from './month-schemas.ts';
import { releaseNights } from './release-nights.ts';
import { parkingRefusals } from '../rules.ts';

/** Months: what one would be, those that I hold, and giving nights back. */
export const monthRoutes = new Hono<AppEnv>()
  .get(
    '/parking/months',
    describe({
      summary: 'What a month would be for one of my cars: nights in the way, price, credit; books nothing',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: monthOffer },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('query', monthQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const query = c.req.valid('query');
      const offer = await offerOfMonth(context, c.get('caller'), query);
      if (!offer.ok) return refusedResponse(c, offer, parkingRefusals);
      const { ok: _ok, ...report } = offer;
      const { resourceId, month } = query;
      return c.json({ resourceId, month, ...report, currency: context.site.currency });
    },
  )
  .get(
    '/parking/entitlements',
    describe({
      summary: 'The parking months that I hold, until when to renew them, and my credit',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: entitlementsAnswer },
    }),
    signedIn,
    async (c) => {
      const context = await c.get('deps').contextNow();
      return c.json({ ...(await entitlementsFor(context, c.get('caller'))), currency: context.site.currency });
    },
  )
  .post(
    '/parking/bookings/:id/release-nights',
    describe({
      summary: 'Give nights of my stay back before they begin; they are offered to those who wait at once',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: releaseAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    validate('json', releaseRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const wish = { bookingId: c.req.valid('param').id, slotIds: c.req.valid('json').slotIds };
      const done = await releaseNights(context, c.get('caller'), wish, c.get('idempotency'));
      if (!done.ok) return refusedResponse(c, done, parkingRefusals);
      if (done.replayed) c.header('Idempotent-Replay', 'true');
      const { ok: _ok, replayed: _replayed, ...released } = done;
      return c.json({ ...released, currency: context.site.currency });
    },
  );
