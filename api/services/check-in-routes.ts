import { Hono } from 'hono';
import { z } from 'zod';
import { parseInstant, toText } from '../calendar/time.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { id, instantText } from '../http/schemas.ts';
import { signedIn } from '../http/signed-in.ts';
import { validate } from '../http/validate.ts';
import { scanRules } from './check-in-rules.ts';
import { passOf, recordScan } from './check-in.ts';
import { presentBooking } from './present.ts';
import { refusalResponse } from './refusal-response.ts';
import { bookingAnswer } from './registry.ts';
import { maskedPerson } from './schemas.ts';

const passAnswer = z
  .object({
    qr: z.string().meta({ description: 'the text of a QR code' }),
    digits: z.string().meta({ description: 'six digits that say the same' }),
    validFrom: instantText,
    validUntil: instantText.meta({ description: 'the code is taken until then' }),
    refreshAt: instantText.meta({ description: 'from then on there is a new code' }),
    checkInFrom: instantText.meta({ description: 'when one may be checked in' }),
    checkInUntil: instantText,
  })
  .meta({ id: 'Pass' });

const checkInRequest = z.strictObject({
  code: z.string().trim().min(1).max(200).meta({ description: 'the text of the QR code, or the six digits' }),
  at: z.iso
    .datetime({ offset: true })
    .meta({ description: `when it was scanned; within the last ${scanRules.uploadHours} hours` }),
  nonce: id.meta({ description: "the scanner's own name of the scan: sent again, it has no second effect" }),
});

const checkInAnswer = z
  .object({ booking: bookingAnswer, person: maskedPerson, at: instantText, nonce: id })
  .meta({ id: 'CheckIn' });
export type CheckInAnswer = z.infer<typeof checkInAnswer>;

/** Passes, and who has come with one. */
export const checkInRoutes = new Hono<AppEnv>()
  .get(
    '/bookings/:id/pass',
    describe({
      summary: 'The pass of my booking, to be shown when I come',
      tag: 'check-ins',
      access: 'signed-in',
      answers: { 200: passAnswer },
      problems: ['validation', 'not-found', 'already-checked-in', 'rule'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    async (c) => {
      const { contextNow, passes } = c.get('deps');
      const context = await contextNow();
      const made = await passOf(context, passes, c.get('caller'), c.req.valid('param').id);
      if (!made.ok) return refusalResponse(c, made);
      const text = (instant: number) => toText(instant, context.site.timeZone);
      const { qr, digits, validFrom, validUntil, refreshAt } = made.pass;
      return c.json({
        qr,
        digits,
        validFrom: text(validFrom),
        validUntil: text(validUntil),
        refreshAt: text(refreshAt),
        checkInFrom: text(made.times.startsAt),
        checkInUntil: text(made.times.endsAt),
      });
    },
  )
  .post(
    '/check-ins',
    describe({
      summary: 'Check in who shows a pass of what I manage; the same scan sent again is harmless',
      tag: 'check-ins',
      access: 'staff',
      answers: { 201: checkInAnswer },
      problems: ['validation', 'not-found', 'already-checked-in', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', checkInRequest),
    async (c) => {
      const { contextNow, passes } = c.get('deps');
      const context = await contextNow();
      const { code, at, nonce } = c.req.valid('json');
      const seen = { code, at: parseInstant(at), nonce };
      const done = await recordScan(context, passes, c.get('caller'), seen, c.get('idempotency'));
      if (!done.ok) return refusalResponse(c, done);
      if (done.replayed) c.header('Idempotent-Replay', 'true');
      const { booking, person } = done;
      const answer: CheckInAnswer = {
        booking: presentBooking(context, booking),
        person,
        at: toText(done.at, context.site.timeZone),
        nonce,
      };
      return c.json(answer, 201);
    },
  );
