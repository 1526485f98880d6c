import * as fc from 'fast-check';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { AppEnv, Deps } from './environment.ts';
import { answerInTime, preferredLanguage, presentedToken } from './middleware.ts';

describe('the language of an answer', () => {
  test.each([
    [undefined, 'zh-CN'],
    ['', 'zh-CN'],
    ['en', 'en'],
    ['EN-gb', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en;q=0.5, zh;q=0.9', 'zh-CN'],
    ['en;q=0.9, zh;q=0.5', 'en'],
    ['en;q=0', 'zh-CN'],
    ['fr-FR, en;q=0.1', 'en'],
    ['fr', 'zh-CN'],
    ['*', 'zh-CN'],
    ['english', 'zh-CN'],
    ['en;q=1.2.3', 'zh-CN'],
    ['en; q=0.8', 'en'],
  ])('for %j is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });

  test('is one of the two, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(['zh-CN', 'en']).toContain(preferredLanguage(header));
      }),
    );
  });
});

test.each([
  ['Bearer a.b', 'cookie', 'a.b'],
  ['bearer a.b', undefined, 'a.b'],
  [undefined, 'cookie', 'cookie'],
  ['Basic eA==', 'cookie', 'cookie'],
  ['Bearer ', undefined, null],
  [undefined, undefined, null],
])('with authorization %j and cookie %j the token is %j', (authorization, cookie, token) => {
  expect(presentedToken(authorization, () => cookie)).toBe(token);
});

test('what is answered late is counted until it is done: more is turned away at once', async () => {
  const finish: (() => void)[] = [];
  const deps = { config: { requestDeadlineMilliseconds: 10 }, log: () => {} } as unknown as Deps;
  const app = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set('deps', deps);
      await next();
    })
    .use(answerInTime(2))
    .get('/slow', async (c) => {
      await new Promise<void>((done) => finish.push(done));
      return c.text('done');
    })
    .get('/quick', (c) => c.text('done'));
  const ask = async (path: string) => {
    const response = await app.request(path);
    return [response.status, response.headers.get('retry-after'), await response.text()] as const;
  };
  const late = await Promise.all([ask('/slow'), ask('/slow')]);
  for (const [status, retryAfter, body] of late) {
    expect([status, retryAfter]).toEqual([503, '2']);
    expect(body).toContain('/problems/database-away');
  }
  const [status, retryAfter, body] = await ask('/quick');
  expect([status, retryAfter]).toEqual([503, '2']);
  expect(body).toContain('/problems/busy');

  finish[0]?.();
  await new Promise((soon) => setImmediate(soon));
  expect((await ask('/quick'))[2]).toBe('done');
});
