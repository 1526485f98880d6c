import { problemResponse, type AnyContext, type ProblemExtras, type ProblemResponse } from './problem.ts';
import type { Localized } from './schemas.ts';

/** Answers a service's own route with what its verb refused by, in the service's words. */
export function ruleResponse(
  c: AnyContext,
  refusal: { problem: 'rule'; rule: string } | { problem: 'not-found' | 'key-reused' },
  texts: Readonly<Record<string, Localized>>,
  extras: ProblemExtras = {},
): ProblemResponse {
  if (refusal.problem !== 'rule') return problemResponse(c, refusal.problem);
  const text = texts[refusal.rule];
  const detail = text && (c.get('language') === 'en' ? text.en : text.zh);
  return problemResponse(c, 'rule', { rule: refusal.rule, ...(detail ? { detail } : {}), ...extras });
}
