import {
  commonRefusals,
  problemResponse,
  type AnyContext,
  type ProblemExtras,
  type ProblemResponse,
} from './problem.ts';
import type { Localized } from './schemas.ts';

/** Answers that a rule refuses, in its words: those of `texts`, else the common ones. */
export function ruleResponse(
  c: AnyContext,
  rule: string,
  texts: Readonly<Record<string, Localized>>,
  extras: ProblemExtras = {},
): ProblemResponse {
  const text = texts[rule] ?? commonRefusals[rule];
  const detail = text && (c.get('language') === 'en' ? text.en : text.zh);
  return problemResponse(c, 'rule', { rule, ...(detail ? { detail } : {}), ...extras });
}
