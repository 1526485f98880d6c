import type { z } from 'zod';
import { datesBetween, plusDays, weekdayOf } from '../calendar/time.ts';
import { doneAndUndone } from '../engine/dry-run.ts';
import { slotsById, slotsOfResources } from '../engine/find-slots.ts';
import { once, type Once } from '../engine/once.ts';
import { changeCapacity, type CapacityChange, type CapacityChangeOutcome } from '../engine/plan-capacity-change.ts';
import type { Idempotency, Slot } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { displacementRules } from './displacement.ts';
import { managesResource, managingRole } from './manages.ts';
import { parseRowId, refuse } from './drafting.ts';
import type { capacityChangeRequest } from './capacity-schemas.ts';
import type { Context, WishRefusal } from './service.ts';

export type CapacityChangeRequest = z.infer<typeof capacityChangeRequest>;

const maxSlots = 2_000;
const maxDays = 366;

/**
 * Plans, and unless it is a dry run makes, a change of slots that the caller manages: of their capacity, or that they close or reopen. A
 * slot of somebody else's is not found. `expectedTag` is what the caller has seen (`If-Match`).
 */
export async function changeSlotCapacity(
  context: Context,
  caller: Caller,
  request: CapacityChangeRequest,
  idempotency: Idempotency | null,
  expectedTag: string | null,
): Promise<Once<CapacityChangeOutcome> | WishRefusal> {
  const slots = await slotsToChange(context, request);
  if ('problem' in slots) return slots;
  if (slots.some((slot) => !managesResource(context, caller, slot.resourceId)))
    return { ok: false, problem: 'not-found' };
  if (slots.some((slot) => slot.endsAt <= context.now)) return refuse('slot-over');
  const change: CapacityChange = {
    siteId: context.site.id,
    slotIds: slots.map(({ id }) => id),
    targetOf: (slot) => targetOf(slot, request),
    reason: request.reason,
    actorId: caller.personId,
    actorRole: managingRole(context, caller, slots[0]?.resourceId ?? ''),
    at: context.now,
    expectedTag,
    displacement: request.onExcess === 'displace' ? displacementRules(context, slots) : null,
    dryRun: request.dryRun,
  };
  if (request.dryRun) {
    const result = await doneAndUndone(context.db, (tx) => changeCapacity(tx, change));
    return { ok: true, result, replayed: false };
  }
  return once<CapacityChangeOutcome>(
    context.db,
    { siteId: context.site.id, at: context.now, idempotency },
    (tx) => changeCapacity(tx, change),
    ({ ok }) => ok,
  );
}

function targetOf(slot: Slot, { capacity, closed, reason }: CapacityChangeRequest) {
  const isClosed = closed ?? slot.state === 'closed';
  const closedReason = closed === true ? reason : slot.closedReason;
  return {
    capacity: capacity ?? slot.capacity,
    state: isClosed ? ('closed' as const) : ('active' as const),
    closedReason: isClosed ? closedReason : null,
  };
}

async function slotsToChange(context: Context, request: CapacityChangeRequest): Promise<Slot[] | WishRefusal> {
  const slots = request.slotIds ? await namedSlots(context, request.slotIds) : await patternSlots(context, request);
  if ('problem' in slots) return slots;
  if (slots.length === 0) return refuse('no-slots');
  return slots.length > maxSlots ? refuse('too-many-slots') : slots;
}

async function namedSlots(context: Context, ids: readonly string[]): Promise<Slot[] | WishRefusal> {
  const numbers = new Set(ids.map(parseRowId));
  const slots = numbers.has(null) ? [] : await slotsById(context.db, context.site.id, [...numbers] as number[]);
  return slots.length === numbers.size ? slots : { ok: false, problem: 'not-found' };
}

/** The slots of a resource on a weekday pattern that are not over yet; what is over stays as it was. */
async function patternSlots(context: Context, request: CapacityChangeRequest): Promise<Slot[] | WishRefusal> {
  const { resourceId, from, to, weekdays } = request;
  if (!resourceId || !from || !to || !context.catalogue.has(resourceId)) return { ok: false, problem: 'not-found' };
  if (plusDays(from, maxDays) <= to) return refuse('too-many-slots');
  const dates = datesBetween(from, to);
  const chosen = weekdays ? dates.filter((date) => weekdays.includes(weekdayOf(date))) : dates;
  const slots = await slotsOfResources(context.db, context.site.id, [resourceId], chosen);
  return slots.filter((slot) => slot.endsAt > context.now);
}
