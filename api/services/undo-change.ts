import { changeById } from '../engine/capacity-change-rows.ts';
import { doneAndUndone } from '../engine/dry-run.ts';
import { once, type Once } from '../engine/once.ts';
import type { Idempotency } from '../engine/types.ts';
import { undoCapacityChange, type UndoOutcome } from '../engine/undo-capacity-change.ts';
import type { Caller } from '../people/caller.ts';
import { isUuid } from './drafting.ts';
import { managesResource, managingRole } from './manages.ts';
import type { Context, WishRefusal } from './service.ts';

/** A change whose every resource the caller manages; null when there is none. */
export async function managedChange(context: Context, caller: Caller, changeId: string) {
  const change = isUuid(changeId) ? await changeById(context.db, context.site.id, changeId, false) : null;
  const isManaged = change?.resourceIds.every((resourceId) => managesResource(context, caller, resourceId));
  return change && isManaged ? change : null;
}

/** Plans, and unless it is a dry run does, the taking back of a change; somebody else's is not found. */
export async function undoChange(
  context: Context,
  caller: Caller,
  changeId: string,
  request: { reason?: string | undefined; dryRun: boolean },
  idempotency: Idempotency | null,
): Promise<Once<UndoOutcome> | WishRefusal> {
  const change = await managedChange(context, caller, changeId);
  if (!change) return { ok: false, problem: 'not-found' };
  const undo = {
    siteId: context.site.id,
    changeId,
    reason: request.reason ?? change.reason,
    actorId: caller.personId,
    actorRole: managingRole(context, caller, change.resourceIds[0] ?? ''),
    at: context.now,
    dryRun: request.dryRun,
  };
  if (request.dryRun) {
    const result = await doneAndUndone(context.db, (tx) => undoCapacityChange(tx, undo));
    return { ok: true, result, replayed: false };
  }
  return once<UndoOutcome>(
    context.db,
    { siteId: context.site.id, at: context.now, idempotency },
    (tx) => undoCapacityChange(tx, undo),
    ({ ok }) => ok,
  );
}
