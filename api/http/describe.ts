import type { MiddlewareHandler } from 'hono';
import { describeRoute, resolver, uniqueSymbol } from 'hono-openapi';
import type { z } from 'zod';
import { problemDocument } from './schemas.ts';
import { problems, type ProblemName } from './problem.ts';

type Answers = Record<number, z.ZodType | null>;

/** Who may call a route. */
export type Access = 'anyone' | 'signed-in' | 'staff';

/**
 * Describes a route for the OpenAPI document: what it answers, the problems that a caller should expect beside those that every route can
 * answer with, and who may call it (the authorisation table of the tests).
 */
export function describe(text: {
  summary: string;
  tag: string;
  access: Access;
  answers: Answers;
  /** What the messages are, for a route that answers with server-sent events. */
  events?: string;
  /** What the lines are, for a route that answers with CSV. */
  csv?: string;
  /** What is to be fetched, and its media types, for a route that answers with a file; it says 304 to who has it already. */
  download?: { what: string; types: readonly string[] };
  /** Media types of the file that the route takes as its body. */
  files?: readonly string[];
  problems?: readonly ProblemName[];
}) {
  const answers: [string, object][] = Object.entries(text.answers).map(([status, schema]) => [
    status,
    {
      description: schema ? 'Done' : 'Done; no body',
      ...(schema ? { content: { 'application/json': { schema: resolver(schema) } } } : {}),
    },
  ]);
  if (text.events !== undefined) {
    const content = { 'text/event-stream': { schema: { type: 'string' } } };
    answers.push(['200', { description: text.events, content }]);
  }
  if (text.csv !== undefined) {
    answers.push(['200', { description: text.csv, content: { 'text/csv': { schema: { type: 'string' } } } }]);
  }
  if (text.download !== undefined) {
    const { what, types } = text.download;
    const bytes = { schema: { type: 'string', format: 'binary' } };
    const shapeOf = (type: string) => (type === 'application/json' ? { schema: { type: 'object' } } : bytes);
    const content = Object.fromEntries(types.map((type) => [type, shapeOf(type)]));
    answers.push(['200', { description: what, content }], ['304', { description: 'The caller has it already' }]);
  }
  const file = { schema: { type: 'string' as const, format: 'binary' } };
  const expected = new Map<number, ProblemName[]>();
  for (const name of [...(text.problems ?? []), ...(text.access === 'anyone' ? [] : (['unauthenticated'] as const))]) {
    const { status } = problems[name];
    expected.set(status, [...(expected.get(status) ?? []), name]);
  }
  const refusals = [...expected].map(([status, names]) => [
    String(status),
    {
      description: names.map((name) => `${problems[name].title.en} (/problems/${name})`).join('; '),
      content: { 'application/problem+json': { schema: resolver(problemDocument) } },
    },
  ]);
  const described = describeRoute({
    summary: text.summary,
    tags: [text.tag],
    security: text.access === 'anyone' ? [] : [{ bearer: [] }, { cookie: [] }],
    responses: Object.fromEntries([...answers, ...refusals]) as NonNullable<
      Parameters<typeof describeRoute>[0]['responses']
    >,
    ...(text.files && { requestBody: { content: Object.fromEntries(text.files.map((type) => [type, file])) } }),
    ...({ 'x-access': text.access } as object),
  });
  // The library's own waits for what comes after it; this one only hands on.
  const handOn: MiddlewareHandler = (_c, next) => next();
  return Object.assign(handOn, { [uniqueSymbol]: Reflect.get(described, uniqueSymbol) as unknown });
}
