import { problemResponse, type AnyContext, type ProblemResponse } from '../../../http/problem.ts';
import { ruleResponse } from '../../../http/rule-response.ts';
import type { Overbooked, Refused } from './agreement-command.ts';
import { agreementRefusals } from './agreement-refusals.ts';

/** The words of a refusal by the rule of a lot that would be overfilled: how much, and by which agreements. */
function overbookedWords(c: AnyContext, { spaces, lent, agreements }: Overbooked): string {
  const isEnglish = c.get('language') === 'en';
  const names = agreements.map(({ name }) => (isEnglish ? name.en : name.zh));
  if (isEnglish)
    return `At one time ${lent} spaces would be lent of a lot that has ${spaces}${names.length > 0 ? `, together with ${names.join(', ')}` : ''}. Lower the quota or change the window.`;
  return `同一时间将借出 ${lent} 个车位，而车场只有 ${spaces} 个${names.length > 0 ? `（同时还有：${names.join('、')}）` : ''}。请减少车位或调整时段。`;
}

/** Answers with what a command about agreements refused with. */
export function agreementRefusal(c: AnyContext, refusal: Refused): ProblemResponse {
  switch (refusal.problem) {
    case 'rule': {
      const { overbooked } = refusal;
      if (!overbooked) return ruleResponse(c, refusal.rule, agreementRefusals);
      const agreements = overbooked.agreements.map(({ id }) => id);
      const extras = { ...overbooked, agreements, detail: overbookedWords(c, overbooked) };
      return ruleResponse(c, refusal.rule, agreementRefusals, extras);
    }
    case 'not-found':
    case 'unknown-slot':
      return problemResponse(c, 'not-found');
    case 'key-reused':
      return problemResponse(c, 'key-reused');
    case 'changed':
      c.header('ETag', `"${refusal.version}"`);
      return problemResponse(c, 'stale');
    case 'stale':
      return problemResponse(c, 'stale');
    case 'too-many-displaced':
      return ruleResponse(c, refusal.problem, agreementRefusals);
    case 'bookings-must-stay':
    case 'below-booked': {
      const excessive = refusal.changes.filter(({ excess }) => excess > 0);
      const changes = excessive.map(({ slotId, booked, after, excess }) => ({
        slotId: String(slotId),
        booked,
        after,
        excess,
      }));
      return ruleResponse(c, 'bookings-must-stay', agreementRefusals, { changes });
    }
  }
}
