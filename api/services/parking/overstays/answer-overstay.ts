import { minutesAfter, type Instant } from '../../../calendar/time.ts';
import { once, type Once } from '../../../engine/once.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { overstayById, type KeptOverstay } from './overstays.ts';
import { decidesFor, isStaffOf } from './staff.ts';

/** What is said to an overstay, by whom it may be said. */
export type Step =
  /** The driver: it was not so, or could not be helped. */
  | { step: 'appeal'; text: string }
  /** The administrator, to an appeal. */
  | { step: 'decision'; granted: boolean; text: string }
  /** The administrator, at any time. */
  | { step: 'waiver'; text: string }
  /** The lender, or the administrator: for whoever decides. */
  | { step: 'comment'; text: string };

type Rule =
  'appeal-once' | 'appeal-too-late' | 'no-appeal' | 'overstay-settled' | 'administrator-decides' | 'own-overstay';

export type Stepped =
  | { ok: true }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'stale'; version: number }
  | { ok: false; problem: 'rule'; rule: Rule };

const notFound = { ok: false, problem: 'not-found' } as const;
const refuse = (rule: Rule) => ({ ok: false, problem: 'rule', rule }) as const;

/**
 * Says something to an overstay: an appeal of its driver's, a decision or waiver of an administrator's, a comment of its lender's. The row is
 * locked, so of two that collide one is refused; `expectedVersion` is what the caller has seen (`If-Match`). Each step leaves its event.
 */
export function answerOverstay(
  context: Context,
  caller: Caller,
  id: string,
  said: Step,
  call: { idempotency: Idempotency | null; expectedVersion: number | null },
): Promise<Once<Stepped>> {
  const { db, site, now } = context;
  return once<Stepped>(
    db,
    { siteId: site.id, at: now, idempotency: call.idempotency },
    (tx) => stepWithin({ ...context, db: tx }, caller, id, said, call.expectedVersion),
    ({ ok }) => ok,
  );
}

/** `context.db` is the transaction. */
async function stepWithin(
  context: Context,
  caller: Caller,
  id: string,
  said: Step,
  expectedVersion: number | null,
): Promise<Stepped> {
  const { db: tx, site, now } = context;
  if (!isUuid(id)) return notFound;
  await tx.query('SELECT 1 FROM overstay WHERE site_id = $1 AND id = $2 FOR UPDATE', [site.id, id]);
  const overstay = await overstayById(tx, site.id, id);
  if (!overstay) return notFound;
  const refusal = mayNot(caller, overstay, said) ?? doesNotFit(overstay, said, now);
  if (refusal) return refusal;
  if (expectedVersion !== null && expectedVersion !== overstay.version)
    return { ok: false, problem: 'stale', version: overstay.version };
  await write(context, caller, overstay, said);
  return { ok: true };
}

/** Who may say what; those who may not see it do not learn that it is there. */
function mayNot(caller: Caller, overstay: KeptOverstay, { step }: Step): Stepped | null {
  const isOwn = overstay.personId === caller.personId;
  if (step === 'appeal') return isOwn ? null : notFound;
  if (!isStaffOf(caller, overstay.organisationId)) return notFound;
  if (step === 'comment') return null;
  if (isOwn) return refuse('own-overstay');
  return decidesFor(caller, overstay.organisationId) ? null : refuse('administrator-decides');
}

function doesNotFit({ state, appeal, openedAt, terms }: KeptOverstay, { step }: Step, now: Instant): Stepped | null {
  switch (step) {
    case 'appeal':
      if (appeal !== null) return refuse('appeal-once');
      if (state !== 'open') return refuse('overstay-settled');
      return now > minutesAfter(openedAt, terms.appealDays * 1_440) ? refuse('appeal-too-late') : null;
    case 'decision':
      return state === 'appealed' ? null : refuse('no-appeal');
    case 'waiver':
      return ['open', 'appealed', 'upheld'].includes(state) ? null : refuse('overstay-settled');
    case 'comment':
      return state === 'void' ? refuse('overstay-settled') : null;
  }
}

/** What each step sets; `$3` is when, `$4` who, `$5` the words. */
const sets = {
  appeal: `state = 'appealed', appealed_at = $3, appeal = $5`,
  upheld: `state = 'upheld', decided_at = $3, decided_by = $4, decision = $5`,
  granted: `state = 'granted', decided_at = $3, decided_by = $4, decision = $5`,
  waiver: `state = 'waived', waived_at = $3, waived_by = $4, waiver = $5`,
  comment: `commented_at = $3, commented_by = $4, comment = $5`,
} as const;
const events = {
  appeal: 'appealed',
  upheld: 'upheld',
  granted: 'granted',
  waiver: 'waived',
  comment: 'commented',
} as const;

/** The words stay in the row: the event says who did what, and nothing personal. */
async function write(
  { db: tx, site, now }: Context,
  caller: Caller,
  overstay: KeptOverstay,
  said: Step,
): Promise<void> {
  const does = said.step === 'decision' ? (said.granted ? 'granted' : 'upheld') : said.step;
  await tx.query(
    `WITH stepped AS (
       UPDATE overstay SET ${sets[does]}, version = version + 1 WHERE site_id = $1 AND id = $2 RETURNING id, booking_id)
     INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
     SELECT $1, $3, 'overstay.' || $6::text, $4, booking_id, jsonb_build_object('overstayId', id) FROM stepped`,
    [site.id, overstay.id, toTimestamp(now), caller.personId, said.text, events[does]],
  );
}
