import { problemResponse, type AnyContext, type ProblemResponse } from '../http/problem.ts';
import type { Localized } from '../http/schemas.ts';
import type { PlateFault } from './plate.ts';
import { peopleRefusals, plateFaultText } from './refusals.ts';
import type { RowFault } from './roster-rows.ts';

type Refusal =
  | { problem: 'not-found' | 'key-reused' }
  | { problem: 'rule'; rule: Exclude<keyof typeof peopleRefusals, RowFault['rule']> }
  | { problem: 'rule'; rule: 'plate-invalid'; fault: PlateFault }
  | { problem: 'rule'; rule: RowFault['rule']; fault: RowFault };

/** Answers with the problem that a verb about vehicles or rosters refused with, in words. */
export function peopleRefusal(c: AnyContext, refusal: Refusal): ProblemResponse {
  if (refusal.problem !== 'rule') return problemResponse(c, refusal.problem);
  const fault = 'fault' in refusal ? refusal.fault : null;
  const plateFault = typeof fault === 'string' ? fault : fault?.plateFault;
  const detail = ruleText(refusal.rule, plateFault)[c.get('language') === 'en' ? 'en' : 'zh'];
  return problemResponse(c, 'rule', { rule: refusal.rule, detail, ...(plateFault && { fault: plateFault }) });
}

/** Why a rule refuses, in both languages. */
export function ruleText(rule: keyof typeof peopleRefusals | 'plate-invalid', plateFault?: PlateFault): Localized {
  return rule === 'plate-invalid' ? plateFaultText(plateFault ?? 'length') : peopleRefusals[rule];
}
