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

/** Answers a service's own route with what its verb refused by. */
export function refusedResponse(
  c: AnyContext,
  refusal: { problem: 'rule'; rule: string; until?: string } | { problem: 'not-found' | 'key-reused' | 'stale' },
  texts: Readonly<Record<string, Localized>>,
): ProblemResponse {
  if (refusal.problem !== 'rule') return problemResponse(c, refusal.problem);
  return ruleResponse(c, refusal.rule, texts, refusal.until === undefined ? {} : { until: refusal.until });
}
