import type { Problem } from './api.ts';
import type { Texts } from './i18n/zh-CN.ts';

/** Why it was refused and what to do: the API's own sentence, which comes in the reader's language. */
export function problemText(t: Texts, problem: Problem): string {
  if (problem.name === 'unreadable') return t.common.problems.unreadable;
  return problem.detail ?? t.common.problems.other;
}
