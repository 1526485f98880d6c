import type { TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AnyContext } from './problem.ts';

/** Headers of one answer, beside the common ones. */
type OwnHeaders = Readonly<Record<string, string>>;
type Answer<Body, Status extends ContentfulStatusCode> = Response & TypedResponse<Body, Status, 'json'>;

/**
 * Answers with JSON as `c.json` does, for the routes that everybody uses at once: its headers are written down in one go, where Hono would
 * collect them in a `Headers` first, which costs as much as all the rest of an answer.
 */
export function answer<Body, Status extends ContentfulStatusCode>(
  c: AnyContext,
  body: Body,
  status: Status,
  own: OwnHeaders = {},
): Answer<Body, Status> {
  return answerWithText(c, JSON.stringify(body), status, own);
}

/** The same for what is JSON already: a text, or the bytes of one, encoded as `own` says. */
export function answerWithText<Body, Status extends ContentfulStatusCode>(
  c: AnyContext,
  json: string | Uint8Array,
  status: Status,
  own: OwnHeaders = {},
): Answer<Body, Status> {
  const headers = { ...commonHeaders(c), 'Content-Type': 'application/json', ...own };
  const response = new Response(json as Uint8Array<ArrayBuffer>, { status, headers });
  c.set('answered', response);
  return response as Answer<Body, Status>;
}

/** Gives a finished answer what every answer says, unless its route has said that already, or otherwise. */
export function addCommonHeaders(c: AnyContext): void {
  if (c.res === c.get('answered')) return;
  const { headers } = c.res;
  for (const [name, value] of Object.entries(commonHeaders(c))) if (!headers.has(name)) headers.set(name, value);
}

function commonHeaders(c: AnyContext): Record<string, string> {
  return c.get('commonHeaders') as Record<string, string>;
}
