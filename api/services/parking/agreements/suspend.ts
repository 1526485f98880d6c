import type { Db } from '../../../../db/db.ts';
import { newId } from '../../../new-id.ts';
import { dateOf, datesBetween, plusDays, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { changeById } from '../../../engine/capacity-change-rows.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import type { Once } from '../../../engine/once.ts';
import { changeCapacity, type CapacityChange } from '../../../engine/plan-capacity-change.ts';
import { publishSlots } from '../../../engine/publish-slots.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Idempotency, Slot } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import type { RoleName } from '../../../people/schemas.ts';
import type { Context } from '../../service.ts';
import { command, madeOrRefused, notThere, refuseBy, stayDisplacement, type Refused } from './agreement-command.ts';
import type { ResumeRequest, Side, SuspensionRequest } from './agreement-schemas.ts';
import { agreementsOf, lockLot, partiesOf, type Agreement } from './agreements.ts';
import { draftsOf, type Followed } from './follow-terms.ts';
import { actingFor } from './propose-terms.ts';
import type { AgreementTimes } from '../rules.ts';

/** A time in which an agreement lends nothing. */
export type Suspension = {
  id: string;
  resourceId: string;
  from: IsoDate;
  to: IsoDate;
  reason: string;
  side: Side;
  at: Instant;
  actorId: string;
  actorRole: RoleName;
  changeId: string | null;
  resumedFrom: IsoDate | null;
};

/** The suspensions of some agreements that are not over. Index: agreement_suspension_by_resource. */
export function suspensionsOf(
  db: Db,
  siteId: number,
  resourceIds: readonly string[],
  from: IsoDate,
): Promise<Suspension[]> {
  return db.query<Suspension>(
    `SELECT id, resource_id AS "resourceId", from_date AS "from", to_date AS "to", reason, side, at, actor_id AS "actorId",
       actor_role AS "actorRole", change_id AS "changeId", resumed_from AS "resumedFrom"
     FROM agreement_suspension WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND to_date >= $3
       AND (resumed_from IS NULL OR resumed_from > greatest(from_date, $3))
     ORDER BY resource_id, id`,
    [siteId, resourceIds, from],
  );
}

/** An agreement of the caller's under the lock of its lot, so that it changes once at a time. @throws Refusing */
export async function lockAgreement(tx: Db, context: Context, id: string): Promise<Agreement> {
  const seen = (await agreementsOf(tx, context.site.id)).find((each) => each.id === id) ?? notThere();
  await lockLot(tx, context.site.id, seen.lot.id);
  return (await agreementsOf(tx, context.site.id, seen.lot.id)).find((each) => each.id === id) ?? notThere();
}

/**
 * Suspends an agreement on some dates: what is published closes, with the displacement of whoever has booked; what is not yet is not
 * published. Either party may.
 */
export function suspendAgreement(
  context: Context,
  caller: Caller,
  id: string,
  request: SuspensionRequest & { idempotency: Idempotency | null },
): Promise<Once<Followed> | Refused> {
  const { from, to, reason, dryRun } = request;
  const { site, now } = context;
  return command(context, request, async (tx) => {
    const agreement = await lockAgreement(tx, context, id);
    const acting = actingFor(caller, partiesOf(agreement), request.side);
    if (to < from) refuseBy('dates-reversed');
    if (from < dateOf(now, site.timeZone)) refuseBy('effective-past');
    const { suspensions = [] } = agreement.times;
    if (suspensions.some((other) => other.from <= to && from <= other.to)) refuseBy('suspended-already');
    const slots = (await publishedOn(tx, context, agreement, from, to)).filter(({ state }) => state === 'active');
    const change = await changeOrNothing(tx, context, agreement, {
      ...{ slotIds: slots.map((slot) => slot.id), reason, dryRun, ...acting },
      targetOf: (slot) => ({ capacity: slot.capacity, state: 'closed', closedReason: reason }),
    });
    const suspensionId = newId();
    await writeSuspensions(tx, site.id, agreement, [...suspensions, { id: suspensionId, from, to }]);
    await tx.query(
      `INSERT INTO agreement_suspension (site_id, id, resource_id, from_date, to_date, reason, side, at, actor_id, actor_role, change_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        ...[
          site.id,
          suspensionId,
          id,
          from,
          to,
          reason,
          acting.side,
          toTimestamp(now),
          acting.actorId,
          acting.actorRole,
        ],
        change?.changeId ?? null,
      ],
    );
    return { published: 0, renewed: 0, kept: [], change };
  });
}

/** Ends suspensions from a date on: what they closed opens again, and what was not published is. Either party may. */
export function resumeAgreement(
  context: Context,
  caller: Caller,
  id: string,
  request: ResumeRequest & { idempotency: Idempotency | null },
): Promise<Once<Followed> | Refused> {
  const { from, reason, dryRun } = request;
  const { site, now } = context;
  return command(context, request, async (tx) => {
    const agreement = await lockAgreement(tx, context, id);
    const acting = actingFor(caller, partiesOf(agreement), request.side);
    if (from < dateOf(now, site.timeZone)) refuseBy('effective-past');
    const ended = (await suspensionsOf(tx, site.id, [id], from)).filter(({ to }) => to >= from);
    if (ended.length === 0) refuseBy('nothing-suspended');
    const left = (agreement.times.suspensions ?? []).flatMap((each) => {
      if (!ended.some((other) => other.id === each.id)) return [each];
      return each.from < from ? [{ ...each, to: plusDays(from, -1) }] : [];
    });
    const after = await writeSuspensions(tx, site.id, agreement, left);
    const change = await reopen(tx, context, agreement, { ended, from, reason, dryRun, ...acting });
    const until = ended.reduce((latest, { to }) => (to > latest ? to : latest), from);
    const published = await publishMissing(tx, context, { ...agreement, schedule: after }, from, until);
    await tx.query(
      `UPDATE agreement_suspension SET resumed_from = $3, resumed_at = $4, resumed_by = $5, resumed_role = $6
       WHERE site_id = $1 AND id = ANY($2::uuid[])`,
      [site.id, ended.map((each) => each.id), from, toTimestamp(now), acting.actorId, acting.actorRole],
    );
    return { published, renewed: 0, kept: [], change };
  });
}

/** The nights of some dates that are published and have not ended. */
export async function publishedOn(
  tx: Db,
  { site, now }: Context,
  { id, schedule }: Agreement,
  from: IsoDate,
  to: IsoDate,
): Promise<Slot[]> {
  const last = schedule.publishedTo !== null && schedule.publishedTo < to ? schedule.publishedTo : to;
  const slots = await slotsOfResources(tx, site.id, [id], datesBetween(from, last));
  return slots.filter(({ endsAt }) => endsAt > now);
}

/** Changes some nights of an agreement through the engine; null where there is none. @throws Refusing */
export async function changeOrNothing(
  tx: Db,
  context: Context,
  { times }: Agreement,
  change: Pick<CapacityChange, 'slotIds' | 'targetOf' | 'reason' | 'actorId' | 'actorRole' | 'dryRun'>,
) {
  if (change.slotIds.length === 0) return null;
  const { siteId, at } = { siteId: context.site.id, at: context.now };
  const displacement = stayDisplacement(context, times);
  return madeOrRefused(await changeCapacity(tx, { ...change, siteId, at, expectedTag: null, displacement }));
}

async function writeSuspensions(
  tx: Db,
  siteId: number,
  { times, schedule }: Agreement,
  suspensions: NonNullable<AgreementTimes['suspensions']>,
): Promise<Agreement['schedule']> {
  const rule: AgreementTimes = { ...times, suspensions };
  await tx.query('UPDATE schedule SET rule = $3::jsonb WHERE site_id = $1 AND id = $2', [
    siteId,
    schedule.id,
    JSON.stringify(rule),
  ]);
  return { ...schedule, rule };
}

type Reopening = {
  ended: readonly Suspension[];
  from: IsoDate;
  reason: string;
  actorId: string;
  actorRole: RoleName;
  dryRun: boolean;
};

/** Reopens what the suspensions closed and nobody has changed since; what somebody closed for another reason stays closed. */
async function reopen(tx: Db, context: Context, agreement: Agreement, { ended, from, ...change }: Reopening) {
  const closed = new Set<number>();
  for (const { changeId } of ended) {
    const kept = changeId === null ? null : await changeById(tx, context.site.id, changeId, false);
    for (const { slotId, stateBefore } of kept?.receipt.changes ?? []) if (stateBefore === 'active') closed.add(slotId);
  }
  const last = ended.reduce((latest, { to }) => (to > latest ? to : latest), from);
  const reasons = new Set(ended.map(({ reason }) => reason));
  const slots = (await publishedOn(tx, context, agreement, from, last)).filter(
    (slot) => closed.has(slot.id) && slot.state === 'closed' && reasons.has(slot.closedReason ?? ''),
  );
  return changeOrNothing(tx, context, agreement, {
    ...{ slotIds: slots.map(({ id }) => id), ...change },
    targetOf: (slot) => ({ capacity: slot.capacity, state: 'active', closedReason: null }),
  });
}

/** Publishes what a suspension kept from being published. */
function publishMissing(tx: Db, context: Context, { id, schedule }: Agreement, from: IsoDate, to: IsoDate) {
  const { publishedTo } = schedule;
  const last = publishedTo !== null && publishedTo < to ? publishedTo : to;
  const drafts = [...draftsOf(context, schedule, from, last).values()];
  return publishSlots(
    tx,
    context.site.id,
    drafts.map((draft) => ({ ...draft, resourceId: id, kind: 'parking' })),
    context.now,
  );
}
