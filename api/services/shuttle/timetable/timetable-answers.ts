import type { Once } from '../../../engine/once.ts';
import type { AnyContext, ProblemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import type { RunEffects } from './reshape-runs.ts';
import type { Refused } from './timetable-command.ts';
import { timetableRefusals } from './timetable-refusals.ts';

/** Answers with what a command about runs and timetables refused with. */
export function timetableRefusal(c: AnyContext, refusal: Refused): ProblemResponse {
  if (refusal.problem === 'stale') c.header('ETag', `"${refusal.tag}"`);
  return refusedResponse(c, refusal, timetableRefusals);
}

/** Says with a plan what to send back as `If-Match`: the tag of what is there now. A plan without slots has none. */
export function tagPlan(
  c: AnyContext,
  { result, replayed }: Extract<Once<Pick<RunEffects, 'tag' | 'tagBefore'>>, { ok: true }>,
  applied: boolean,
): void {
  if (replayed) c.header('Idempotent-Replay', 'true');
  const tag = applied ? result.tag : result.tagBefore;
  if (tag !== '') c.header('ETag', `"${tag}"`);
}
