import type { OfferOutcome } from '../engine/answer-offer.ts';
import type { CheckedIn } from '../engine/check-in.ts';
import type { Refusal } from '../engine/types.ts';
import { problemResponse, type AnyContext, type ProblemResponse } from '../http/problem.ts';
import { ruleResponse } from '../http/rule-response.ts';
import { checkInRefusals } from './check-in-rules.ts';
import { refusalTexts } from './registry.ts';
import type { WishRefusal } from './service.ts';

const texts = { ...refusalTexts, ...checkInRefusals };

/** Answers with the problem that a verb refused with; a rule's words come from the service that it belongs to. */
export function refusalResponse(
  c: AnyContext,
  refusal:
    | Exclude<Refusal, { problem: 'stale-draft' }>
    | WishRefusal
    | Exclude<OfferOutcome, { ok: true }>
    | Exclude<CheckedIn, { ok: true }>,
  extras: object = {},
): ProblemResponse {
  switch (refusal.problem) {
    case 'slot-full':
      return problemResponse(c, 'slot-full', { slotId: String(refusal.slotId), ...extras });
    case 'overlap':
      return problemResponse(c, 'overlap', {
        ...(refusal.bookingId === null ? {} : { bookingId: refusal.bookingId }),
        ...extras,
      });
    case 'rule':
      return ruleResponse(c, refusal.rule, texts, {
        ...('slotId' in refusal ? { slotId: String(refusal.slotId) } : {}),
        ...('until' in refusal ? { until: refusal.until } : {}),
        ...extras,
      });
    case 'already-checked-in':
      return problemResponse(c, 'already-checked-in');
    case 'key-reused':
      return problemResponse(c, 'key-reused');
    case 'unknown-entry':
    case 'unknown-slot':
    case 'not-found':
      return problemResponse(c, 'not-found', { ...extras });
  }
}
