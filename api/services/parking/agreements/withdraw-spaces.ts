import type { Db } from '../../../../db/db.ts';
import { minutesAfter, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { changeById, type ChangeSummary } from '../../../engine/capacity-change-rows.ts';
import type { Once } from '../../../engine/once.ts';
import type { PlannedChange } from '../../../engine/plan-capacity-change.ts';
import type { Idempotency, Slot } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { command, refuseBy, type Refused } from './agreement-command.ts';
import type { WithdrawalRequest } from './agreement-schemas.ts';
import { agreementsOf, mayOverride, partiesOf, sidesOf, type Agreement } from './agreements.ts';
import { actingFor } from './propose-terms.ts';
import { changeOrNothing, lockAgreement, publishedOn } from './suspend.ts';

/**
 * The lender takes back some of its spaces for some dates (domain.md, Parking): through the engine's change of capacity, with its
 * displacement in the order that the agreement declares. Not sooner than the notice that was agreed, unless a site administrator says so.
 */
export function withdrawSpaces(
  context: Context,
  caller: Caller,
  id: string,
  request: WithdrawalRequest & { idempotency: Idempotency | null },
): Promise<Once<PlannedChange> | Refused> {
  const { from, to, spaces, reason, dryRun } = request;
  return command(context, request, async (tx) => {
    const agreement = await lockAgreement(tx, context, id);
    const { actorId, actorRole } = actingFor(caller, partiesOf(agreement), 'provider');
    if (to < from) refuseBy('dates-reversed');
    if (spaces > agreement.schedule.capacity) refuseBy('withdraw-too-many');
    if (agreement.schedule.publishedTo === null || to > agreement.schedule.publishedTo) refuseBy('beyond-published');
    const slots = (await publishedOn(tx, context, agreement, from, to)).filter(({ state }) => state === 'active');
    const isOverride = mayOverride(caller, partiesOf(agreement)) && request.override;
    if (!isOverride && isTooSoon(agreement, slots, context.now)) refuseBy('withdraw-notice');
    const change = await changeOrNothing(tx, context, agreement, {
      ...{ slotIds: slots.map((slot) => slot.id), reason, actorId, actorRole, dryRun },
      targetOf: ({ capacity, state, closedReason }) => ({
        capacity: Math.max(0, capacity - spaces),
        state,
        closedReason,
      }),
    });
    if (change === null || change.changeId === null) return refuseBy('no-slots');
    await tx.query(
      `INSERT INTO agreement_withdrawal (site_id, change_id, resource_id, from_date, to_date, spaces, is_override)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [context.site.id, change.changeId, id, from, to, spaces, isOverride],
    );
    return change;
  });
}

/** Whether the first night begins sooner than the notice that was agreed. */
function isTooSoon({ facts }: Agreement, slots: readonly Slot[], now: Instant): boolean {
  const earliest = minutesAfter(now, facts.withdrawNoticeHours * 60);
  return slots.some(({ startsAt }) => startsAt < earliest);
}

/** A withdrawal as it is kept. */
export type Withdrawal = {
  changeId: string;
  resourceId: string;
  from: IsoDate;
  to: IsoDate;
  spaces: number;
  isOverride: boolean;
  at: Instant;
  actorRole: RoleName;
  reason: string;
  summary: ChangeSummary;
  isUndone: boolean;
};

const columns = `w.change_id AS "changeId", w.resource_id AS "resourceId", w.from_date AS "from", w.to_date AS "to", w.spaces,
  w.is_override AS "isOverride", c.at, c.actor_role AS "actorRole", c.reason, c.summary,
  EXISTS (SELECT 1 FROM capacity_change u WHERE u.site_id = c.site_id AND u.undoes = c.id) AS "isUndone"`;

/**
 * One page of the withdrawals of an agreement that the caller is a party of, newest first; null when there is no such agreement.
 * Index: agreement_withdrawal_by_resource, backwards.
 */
export async function withdrawalsOf(
  { db, site }: Context,
  caller: Caller,
  resourceId: string,
  page: { before: string | null; limit: number },
): Promise<Withdrawal[] | null> {
  if (!(await isOfCaller(db, site.id, caller, resourceId))) return null;
  return db.query<Withdrawal>(
    `SELECT ${columns} FROM agreement_withdrawal w
     JOIN capacity_change c ON c.site_id = w.site_id AND c.id = w.change_id
     WHERE w.site_id = $1 AND w.resource_id = $2 AND ($3::uuid IS NULL OR w.change_id < $3)
     ORDER BY w.change_id DESC LIMIT $4`,
    [site.id, resourceId, page.before, page.limit],
  );
}

/** One withdrawal of an agreement that the caller is a party of, with its receipt. Indexes: the primary keys. */
export async function withdrawalById({ db, site }: Context, caller: Caller, changeId: string) {
  if (!isUuid(changeId)) return null;
  const [withdrawal] = await db.query<Withdrawal>(
    `SELECT ${columns} FROM agreement_withdrawal w
     JOIN capacity_change c ON c.site_id = w.site_id AND c.id = w.change_id
     WHERE w.site_id = $1 AND w.change_id = $2`,
    [site.id, changeId],
  );
  const isOwn = withdrawal && (await isOfCaller(db, site.id, caller, withdrawal.resourceId));
  const change = isOwn ? await changeById(db, site.id, changeId, false) : null;
  return withdrawal && change ? { withdrawal, receipt: change.receipt } : null;
}

async function isOfCaller(db: Db, siteId: number, caller: Caller, resourceId: string): Promise<boolean> {
  const agreement = (await agreementsOf(db, siteId)).find(({ id }) => id === resourceId);
  return agreement !== undefined && sidesOf(caller, partiesOf(agreement)).size > 0;
}
