import type { AnyContext, ProblemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import type { Refused } from './timetable-command.ts';
import { timetableRefusals } from './timetable-refusals.ts';

/** Answers with what a command about runs and timetables refused with. */
export function timetableRefusal(c: AnyContext, refusal: Refused): ProblemResponse {
  if (refusal.problem === 'stale') c.header('ETag', `"${refusal.tag}"`);
  return refusedResponse(c, refusal, timetableRefusals);
}
