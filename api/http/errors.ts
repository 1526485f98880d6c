import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { databaseRefusal, isDatabaseAway, isOvertaken } from '../../db/db.ts';
import { InvalidTimeText } from '../calendar/time.ts';
import { Busy } from '../engine/types.ts';
import type { AppEnv } from './environment.ts';
import { problemResponse } from './problem.ts';

/** Answers for what was thrown. The words of an unknown error never leave the server; they are logged. */
export function answerForError(error: Error, c: Context<AppEnv>): Response {
  if (error instanceof HTTPException && error.status === 400) return problemResponse(c, 'malformed-json');
  if (error instanceof InvalidTimeText)
    return problemResponse(c, 'validation', { errors: [{ pointer: '', message: error.text }] });
  // Others were faster time and again; nothing was done, and it may well go through next time.
  if (error instanceof Busy || isOvertaken(error)) {
    c.header('Retry-After', '1');
    return problemResponse(c, 'busy');
  }
  const { log } = c.get('deps');
  const asked = { requestId: c.get('requestId'), path: c.req.path };
  if (isDatabaseAway(error)) {
    log('error', 'the database is away', { ...asked, error: error.message });
    c.header('Retry-After', '2');
    return problemResponse(c, 'database-away');
  }
  const refusal = databaseRefusal(error);
  log('error', 'a request failed', { ...asked, error: error.name, ...(refusal ?? { stack: error.stack }) });
  return problemResponse(c, 'internal');
}
