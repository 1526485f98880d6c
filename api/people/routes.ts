import { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { toText } from '../calendar/time.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { presentedToken, sessionCookie } from '../http/middleware.ts';
import { problemResponse } from '../http/problem.ts';
import { signedIn } from '../http/signed-in.ts';
import { validate } from '../http/validate.ts';
import { codeRules } from './one-time-code.ts';
import { changeProfile, profileOf } from './profile.ts';
import { me, meChange, otpAnswer, otpRequest, sessionAnswer, sessionRequest, type Me } from './schemas.ts';
import { sendCode, signIn } from './sign-in.ts';

/** Sign-in by phone and code, and what a person may see and change of themselves. */
export const peopleRoutes = new Hono<AppEnv>()
  .post(
    '/auth/otp',
    describe({
      summary: 'Send a one-time code to a phone',
      tag: 'people',
      access: 'anyone',
      answers: { 202: otpAnswer },
      problems: ['validation', 'code-sent-already', 'no-sms', 'sms-failed'],
    }),
    validate('json', otpRequest),
    async (c) => {
      const { phone } = c.req.valid('json');
      const deps = c.get('deps');
      const sent = await sendCode(await deps.contextNow(), deps, { phone, language: c.get('language') });
      if (!sent.ok && sent.problem === 'bad-phone') {
        const message =
          c.get('language') === 'en'
            ? 'a mainland mobile number, e.g. 13800000001'
            : '请输入中国大陆手机号，例如 13800000001';
        return problemResponse(c, 'validation', { errors: [{ pointer: '/phone', message }] });
      }
      if (!sent.ok) {
        if (sent.problem === 'code-sent-already') c.header('Retry-After', String(codeRules.resendSeconds));
        return problemResponse(c, sent.problem);
      }
      const rules = { expiresInSeconds: codeRules.lifetimeSeconds, resendAfterSeconds: codeRules.resendSeconds };
      return c.json({ ...rules, ...(sent.demoCode === null ? {} : { demoCode: sent.demoCode }) }, 202);
    },
  )
  .post(
    '/auth/session',
    describe({
      summary: 'Sign in with the code',
      tag: 'people',
      access: 'anyone',
      answers: { 201: sessionAnswer },
      problems: ['validation', 'wrong-code'],
    }),
    validate('json', sessionRequest),
    async (c) => {
      const deps = c.get('deps');
      const context = await deps.contextNow();
      const session = await signIn(context, deps, c.req.valid('json'));
      if (!session) return problemResponse(c, 'wrong-code');
      setCookie(c, sessionCookie, session.token, {
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        secure: (deps.config.origin ?? c.req.url).startsWith('https:'),
        maxAge: Math.floor((session.expiresAt - context.now) / 1000),
      });
      const user: Me = await profileOf(context.db, context.site, session.personId, context.now);
      return c.json({ token: session.token, expiresAt: toText(session.expiresAt, context.site.timeZone), user }, 201);
    },
  )
  .delete(
    '/auth/session',
    describe({ summary: 'Sign out', tag: 'people', access: 'signed-in', answers: { 204: null } }),
    signedIn,
    async (c) => {
      const { sessions, db, clock } = c.get('deps');
      const token = presentedToken(c.req.header('Authorization'), () => getCookie(c, sessionCookie));
      if (token) await sessions.end(db, c.get('caller'), token, clock.now());
      deleteCookie(c, sessionCookie, { path: '/' });
      return c.body(null, 204);
    },
  )
  .get(
    '/me',
    describe({ summary: 'Who I am', tag: 'people', access: 'signed-in', answers: { 200: me } }),
    signedIn,
    async (c) => {
      const context = await c.get('deps').contextNow();
      return c.json(await profileOf(context.db, context.site, c.get('caller').personId, context.now));
    },
  )
  .patch(
    '/me',
    describe({
      summary: 'Change my name or language',
      tag: 'people',
      access: 'signed-in',
      answers: { 200: me },
      problems: ['validation'],
    }),
    signedIn,
    validate('json', meChange),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { personId } = c.get('caller');
      await changeProfile(context.db, context.site.id, personId, c.req.valid('json'));
      return c.json(await profileOf(context.db, context.site, personId, context.now));
    },
  );
