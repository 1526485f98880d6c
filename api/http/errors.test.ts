import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { Busy } from '../engine/types.ts';
import type { AppEnv, Deps } from './environment.ts';
import { answerForError } from './errors.ts';

const withCode = (code: string) => Object.assign(new Error('secret words'), { code });

test.each([
  ['too much to do', new Busy('secret words'), 503, 'busy', '1', false],
  ['a transaction that was overtaken at every try', withCode('40001'), 503, 'busy', '1', false],
  ['a deadlock at every try', withCode('40P01'), 503, 'busy', '1', false],
  ['a claim that others made at every try', withCode('23P01'), 503, 'busy', '1', false],
  ['a database that is away', withCode('ECONNREFUSED'), 503, 'database-away', '2', true],
  ['a constraint that nobody expected', withCode('23514'), 500, 'internal', null, true],
  ['anything else', new Error('secret words'), 500, 'internal', null, true],
] as const)('%s', async (...[, error, status, problem, retryAfter, isLogged]) => {
  const logged: string[] = [];
  const deps = { log: (_level: string, message: string) => logged.push(message) } as unknown as Deps;
  const app = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set('deps', deps);
      await next();
    })
    .get('/', () => {
      throw error;
    })
    .onError(answerForError);
  const response = await app.request('/');
  const body = await response.text();
  expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
  expect(body).toContain(`/problems/${problem}`);
  expect(body).not.toContain('secret');
  expect(logged.length > 0).toBe(isLogged);
});
