import { zValidator } from '@hono/zod-validator';
import { createMiddleware } from 'hono/factory';
import { resolver, uniqueSymbol } from 'hono-openapi';
import { z } from 'zod';
import { en, zhCN } from 'zod/locales';
import type { AppEnv } from './environment.ts';
import { problemResponse, type AnyContext, type Language } from './problem.ts';

const messagesIn = { 'zh-CN': zhCN().localeError, en: en().localeError };

/** Checks one part of a request against a schema, answers 422 with what is wrong, and puts the schema into the OpenAPI document. */
export function validate<Target extends 'json' | 'query' | 'param', Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  const middleware = zValidator(
    target,
    schema,
    (result, c: AnyContext) => {
      if (result.success) return undefined;
      return problemResponse(c, 'validation', {
        errors: validationErrors(schema, result.data, c.get('language') as Language),
      });
    },
    // No schema has to wait for anything. (The validator's own types are a little narrower than zod's.)
    { validationFunction: (_schema, value) => schema.safeParse(value) as never },
  );
  return Object.assign(middleware, { [uniqueSymbol]: { target, ...resolver(schema) } });
}

/** For a POST that says everything by its path: an empty object or nothing at all, not something that would be passed over. */
export const noBody = createMiddleware<AppEnv>(async (c, next) => {
  const text = await c.req.text();
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    // The problem document says all that there is to say of it.
    return problemResponse(c, 'malformed-json');
  }
  const errors = validationErrors(z.strictObject({}), body, c.get('language'));
  return errors.length > 0 ? problemResponse(c, 'validation', { errors }) : next();
});

/** What is wrong with a value, as JSON pointers and messages in a language; at most twenty. */
export function validationErrors(schema: z.ZodType, value: unknown, language: 'zh-CN' | 'en') {
  const parsed = schema.safeParse(value, { error: messagesIn[language] });
  if (parsed.success) return [];
  return parsed.error.issues
    .flatMap((issue) => leaves(issue, []))
    .slice(0, 20)
    .map(({ path, message, choices }) => ({
      pointer: toPointer(path),
      message: choices ? oneOf(choices, language) : (language === 'zh-CN' && ownMessagesInChinese[message]) || message,
    }));
}

/** zod speaks both languages; what our own schemas say is written there in English. */
const ownMessagesInChinese: Readonly<Record<string, string>> = {
  'a date from 2000 to 2199': '日期须在 2000 年至 2199 年之间',
  'not an identifier of this API': '不是本接口给出的编号',
  'no control characters': '不能包含控制字符',
  'a name without an identity number': '姓名中不能包含身份证号码',
  'either slotIds, or resourceId with from and to': '请给出 slotIds，或者 resourceId 加 from 和 to',
  'a day plan does not wait in line': '日程组合不能候补',
  'from, to and weekdays go with resourceId': 'from、to 和 weekdays 只能与 resourceId 一起使用',
  'resourceId needs from and to': '给出 resourceId 时还需要 from 和 to',
};

/** What a kind could have been. */
function kindsOf(fault: Issue): string[] {
  if (fault.code === 'invalid_value') return fault.values.map(String);
  return 'options' in fault && fault.options ? fault.options.map(String) : [];
}

function oneOf(choices: readonly string[], language: Language): string {
  const list = choices.map((choice) => `"${choice}"`).join(', ');
  return language === 'zh-CN' ? `只能是 ${list} 之一` : `must be one of ${list}`;
}

type Issue = z.core.$ZodIssue;
/** `choices`: what it could have been, where no branch of a union has its kind. */
type Leaf = { path: PropertyKey[]; message: string; choices?: readonly string[] };

/** The issues inside a union are those of the branch that the caller meant: of its kind if it has one, else with the fewest faults. */
function leaves(issue: Issue, prefix: readonly PropertyKey[]): Leaf[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: issue.message }];
  const branches = branchesOf(issue);
  const isKindFault = ({ path: at }: Issue): boolean => at.at(-1) === 'kind';
  const ofKind = branches.filter((branch) => !branch.some(isKindFault));
  if (ofKind.length === 0) {
    const faults = branches.flat().filter(isKindFault);
    const choices = faults.flatMap(kindsOf);
    const [fault] = faults;
    if (fault) return [{ path: [...path, ...fault.path], message: issue.message, choices: [...new Set(choices)] }];
  }
  const meant = (ofKind.length > 0 ? ofKind : branches).toSorted((a, b) => a.length - b.length)[0] ?? [];
  return meant.flatMap((inner) => leaves(inner, path));
}

/** What is wrong by each branch; a branch that is a union itself gives its own, or it would hide them behind one fault. */
function branchesOf(issue: z.core.$ZodIssueInvalidUnion): Issue[][] {
  return issue.errors.flatMap((branch) => {
    const [only, ...others] = branch;
    const isUnion = only?.code === 'invalid_union' && only.path.length === 0 && only.errors.length > 0;
    return isUnion && others.length === 0 ? branchesOf(only) : [branch];
  });
}

/** RFC 6901. */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
