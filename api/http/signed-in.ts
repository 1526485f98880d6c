import { createMiddleware } from 'hono/factory';
import type { Caller } from '../people/caller.ts';
import type { AppEnv } from './environment.ts';
import { problemResponse } from './problem.ts';

/** What a route knows behind `signedIn`. */
export type SignedIn = AppEnv & { Variables: { caller: Caller } };

/** Lets only signed-in callers through. */
export const signedIn = createMiddleware<SignedIn>((c, next) => {
  if (!c.get('caller')) {
    c.header('WWW-Authenticate', 'Bearer');
    return Promise.resolve(problemResponse(c, 'unauthenticated'));
  }
  return next();
});
