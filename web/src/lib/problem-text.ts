import type { Problem } from './api.ts';
import type { Texts } from './i18n/zh-CN.ts';

/** Why it was refused, in the reader's words: ours where the name is known, else the API's own sentence. */
export const problemText = (t: Texts, problem: Problem): string =>
  t.common.problems[problem.name] ?? problem.detail ?? t.common.problems['other'] ?? problem.title;
