import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import type { Context, HonoRequest, MiddlewareHandler, Next } from 'hono';
import { addCommonHeaders } from './answer.ts';
import type { AppEnv, Deps } from './environment.ts';
import { acceptedBody } from './accepted-body.ts';
import { problemResponse, type AnyContext, type Language, type ProblemResponse } from './problem.ts';
import type { Localized } from './schemas.ts';

export const sessionCookie = 'chaoxi_session';

/*
 * What lets nearly every request through is no async function: each of them would make three promises more on the way of all.
 */

/** Hands the app's parts to the routes, names the request, and settles the language of its answers. */
export const begin = (deps: Deps) =>
  createMiddleware<AppEnv>((c, next) => {
    const requestId = crypto.randomUUID();
    const language = preferredLanguage(c.req.header('Accept-Language'));
    c.set('deps', deps);
    c.set('requestId', requestId);
    c.set('language', language);
    c.set('caller', null);
    c.set('idempotency', null);
    c.set('commonHeaders', {
      'X-Request-Id': requestId,
      'X-Content-Type-Options': 'nosniff',
      'Content-Language': language,
      'Cache-Control': 'no-store',
    });
    return next().then(() => addCommonHeaders(c));
  });

/**
 * Answers 503 when the deadline has passed, whatever the database does: a caller that hears nothing can do nothing. What was asked for may
 * still happen then. At most `maxUnderWay` requests are worked on, those counted in that are answered but not done; more are turned
 * away at once, so that what a silent database leaves behind is bounded.
 */
export function answerInTime(maxUnderWay: number) {
  let underWay = 0;
  return createMiddleware<AppEnv>((c, next) => {
    const { config, log } = c.get('deps');
    if (underWay >= maxUnderWay) {
      c.header('Retry-After', '2');
      return Promise.resolve(problemResponse(c, 'busy'));
    }
    underWay++;
    const { promise, resolve, reject } = Promise.withResolvers<Response | void>();
    const timer = setTimeout(() => {
      log('error', 'no answer in time', { requestId: c.get('requestId'), path: c.req.path });
      c.header('Retry-After', '2');
      resolve(problemResponse(c, 'database-away'));
    }, config.requestDeadlineMilliseconds);
    const done = (): void => {
      underWay--;
      clearTimeout(timer);
    };
    next().then(resolve, reject).finally(done);
    return promise;
  });
}

/** Chinese unless English is asked for before it. */
export function preferredLanguage(header: string | undefined): Language {
  if (header === undefined) return 'zh-CN';
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find((value) => value !== undefined);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => /^(zh|en)\b/.test(tag) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return wanted[0]?.tag.startsWith('en') ? 'en' : 'zh-CN';
}

/** Learns who is asking from the bearer token or the cookie; an unknown token is nobody. */
export const knowCaller = createMiddleware<AppEnv>((c, next) => {
  const token = presentedToken(c.req.header('Authorization'), () => getCookie(c, sessionCookie));
  if (token === null) return next();
  const { sessions, clock } = c.get('deps');
  const known = sessions.knownCaller(token, clock.now());
  c.set('caller', known);
  return known ? next() : afterLookUp(c, token, next);
});

async function afterLookUp(c: Context<AppEnv>, token: string, next: Next): Promise<void> {
  const { sessions, db, clock, contextNow } = c.get('deps');
  const ownSite = async () => (await contextNow()).site;
  c.set('caller', await sessions.lookUpCaller(db, token, clock.now(), ownSite));
  return next();
}

/** The token of a request: the bearer's before the cookie's. */
export function presentedToken(authorization: string | undefined, cookie: () => string | undefined): string | null {
  const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  return bearer ?? cookie() ?? null;
}

/** Looks at a request before it is worked on: what turns it away, or null. */
type Check = (c: Context<AppEnv>) => Response | null;

/** Several checks, one after the other, and what comes behind them, at the price of one middleware. */
export const checked = (checks: readonly Check[], behind: MiddlewareHandler<AppEnv>) =>
  createMiddleware<AppEnv>((c, next) => {
    for (const check of checks) {
      const refusal = check(c);
      if (refusal) return Promise.resolve(refusal);
    }
    return behind(c, next);
  });

/** Per person; per address only where nobody is signed in. */
export const withinRate: Check = (c) => {
  const { limiters, clock, addressOf } = c.get('deps');
  const caller = c.get('caller');
  const who = caller ? caller.personId : addressOf(c.req.raw, c.env);
  if (who === null) return null;
  const limiter = caller ? limiters.person : limiters.address;
  const { allowed, limit, remaining, resetSeconds } = limiter.take(who, clock.now());
  const seconds = String(resetSeconds);
  const headers = c.get('commonHeaders');
  headers['RateLimit-Policy'] = `"default";q=${limit};w=60`;
  headers['RateLimit'] = `"default";r=${remaining};t=${seconds}`;
  if (allowed) return null;
  c.header('Retry-After', seconds);
  return problemResponse(c, 'too-many-requests');
};

const changing = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

/**
 * A browser sends the cookie with whatever page makes it: a change that carries one must come from this site. Programs with a
 * bearer token are not concerned.
 */
export const fromThisSite: Check = (c) => {
  const isByCookie = c.req.header('Authorization') === undefined && getCookie(c, sessionCookie) !== undefined;
  if (!changing.has(c.req.method) || !isByCookie) return null;
  const site = c.req.header('Sec-Fetch-Site');
  const origin = c.req.header('Origin');
  // Behind a proxy the request's own address is not the public one.
  const own = [new URL(c.req.url).host, c.req.header('Host'), hostOf(c.get('deps').config.origin ?? '')];
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && !own.includes(hostOf(origin) ?? 'none'));
  return isForeign ? problemResponse(c, 'cross-site') : null;
};

/** The host of an `Origin`; none for `null`, which a browser sends for a page without one. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** Bodies are JSON and small, but for files, by what they say of themselves. */
export const withAcceptableBody: Check = (c) => {
  const accepted = acceptedBody(c.req.method, c.req.path);
  const length = declaredLength(c.req);
  if (length !== null && length > accepted.maxBytes) return tooLarge(c);
  const hasBody = (length ?? (c.req.raw.body === null ? 0 : 1)) > 0;
  return changing.has(c.req.method) && hasBody && !accepted.isType(c.req.header('Content-Type'))
    ? problemResponse(c, 'unsupported-media-type', wordsOf(c, accepted.types))
    : null;
};

/** Reads no more of a body than is accepted. One that says its length is not looked at: on Node that would make a stream of it. */
export const boundBody = createMiddleware<AppEnv>((c, next) => {
  if (declaredLength(c.req) !== null) return next();
  return bodyLimit({ maxSize: acceptedBody(c.req.method, c.req.path).maxBytes, onError: tooLarge })(c, next);
});

function tooLarge(c: AnyContext): ProblemResponse {
  return problemResponse(c, 'too-large', wordsOf(c, acceptedBody(c.req.method, c.req.path).sizes));
}

const wordsOf = (c: AnyContext, words: Localized) => ({ detail: c.get('language') === 'en' ? words.en : words.zh });

/** How long the body is in bytes, by its header; null when only its end will tell. */
function declaredLength(request: HonoRequest): number | null {
  const length = request.header('Content-Length');
  return length === undefined || request.header('Transfer-Encoding') !== undefined ? null : Number.parseInt(length, 10);
}

/** Whoever listens hears at once of what was done here. */
export const tellListeners = createMiddleware<AppEnv>((c, next) => {
  if (!changing.has(c.req.method)) return next();
  return next().then(() => wakeIfDone(c));
});

function wakeIfDone(c: Context<AppEnv>): void {
  if (c.res.ok) c.get('deps').live?.wake();
}
