import { createMiddleware } from 'hono/factory';
import type { Caller } from '../people/caller.ts';
import type { AppEnv } from './environment.ts';
import { problemResponse } from './problem.ts';

/** Lets only signed-in callers through. */
export const signedIn = createMiddleware<AppEnv & { Variables: { caller: Caller } }>(async (c, next) => {
  if (!c.get('caller')) {
    c.header('WWW-Authenticate', 'Bearer');
    return problemResponse(c, 'unauthenticated');
  }
  return next();
});
