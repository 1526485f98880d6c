import { zValidator } from '@hono/zod-validator';
import { resolver, uniqueSymbol } from 'hono-openapi';
import { z } from 'zod';
import { en, zhCN } from 'zod/locales';
import { problemResponse, type AnyContext, type Language } from './problem.ts';

const messagesIn = { 'zh-CN': zhCN().localeError, en: en().localeError };

/** Checks one part of a request against a schema, answers 422 with what is wrong, and puts the schema into the OpenAPI document. */
export function validate<Target extends 'json' | 'query' | 'param', Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  const middleware = zValidator(target, schema, (result, c: AnyContext) => {
    if (result.success) return undefined;
    return problemResponse(c, 'validation', {
      errors: validationErrors(schema, result.data, c.get('language') as Language),
    });
  });
  return Object.assign(middleware, { [uniqueSymbol]: { target, ...resolver(schema) } });
}

/** What is wrong with a value, as JSON pointers and messages in a language; at most twenty. */
export function validationErrors(schema: z.ZodType, value: unknown, language: 'zh-CN' | 'en') {
  const parsed = schema.safeParse(value, { error: messagesIn[language] });
  if (parsed.success) return [];
  return parsed.error.issues
    .flatMap((issue) => leaves(issue, []))
    .slice(0, 20)
    .map(({ path, message }) => ({ pointer: toPointer(path), message }));
}

type Issue = z.core.$ZodIssue;
type Leaf = { path: PropertyKey[]; message: string };

/** The issues inside a union are those of the branch that the caller meant: of its kind if it has one, else with the fewest faults. */
function leaves(issue: Issue, prefix: readonly PropertyKey[]): Leaf[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: issue.message }];
  const isKindFault = ({ path: at }: Issue): boolean => at.at(-1) === 'kind';
  const ofKind = issue.errors.filter((branch) => !branch.some(isKindFault));
  if (ofKind.length === 0) {
    const fault = issue.errors.flat().find(isKindFault);
    if (fault) return [{ path: [...path, ...fault.path], message: issue.message }];
  }
  const meant = (ofKind.length > 0 ? ofKind : issue.errors).toSorted((a, b) => a.length - b.length)[0] ?? [];
  return meant.flatMap((inner) => leaves(inner, path));
}

/** RFC 6901. */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
