import type { z } from 'zod';
import { transactionWithRetry, type Db } from '../../db/db.ts';
import { datesBetween, plusDays, weekdayOf } from '../calendar/time.ts';
import { slotsById, slotsOfResources } from '../engine/find-slots.ts';
import { once, type Once } from '../engine/once.ts';
import { changeCapacity, type CapacityChange, type CapacityChangeOutcome } from '../engine/plan-capacity-change.ts';
import type { Idempotency, Slot } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { managesResource } from './manages.ts';
import { parseSlotId, refuse } from './drafting.ts';
import type { capacityChangeRequest } from './schemas.ts';
import type { Context, WishRefusal } from './service.ts';

export type CapacityChangeRequest = z.infer<typeof capacityChangeRequest>;

const maxSlots = 2_000;
const maxDays = 366;

/**
 * Plans, and unless it is a dry run makes, a change of capacity of slots that the caller manages. A slot of somebody else's is not
 * found. `expectedTag` is what the caller has seen (`If-Match`).
 */
export async function changeSlotCapacity(
  context: Context,
  caller: Caller,
  request: CapacityChangeRequest,
  idempotency: Idempotency | null,
  expectedTag: string | null,
): Promise<Once<CapacityChangeOutcome> | WishRefusal> {
  if (request.onExcess === 'displace') return refuse('displacement-unavailable');
  const slots = await slotsToChange(context, request);
  if ('problem' in slots) return slots;
  if (slots.some((slot) => !managesResource(context, caller, slot.resourceId)))
    return { ok: false, problem: 'not-found' };
  if (slots.some((slot) => slot.endsAt <= context.now)) return refuse('slot-over');
  const change = {
    siteId: context.site.id,
    slotIds: slots.map(({ id }) => id),
    capacity: request.capacity,
    reason: request.reason,
    actorId: caller.personId,
    at: context.now,
    expectedTag,
    dryRun: request.dryRun,
  };
  if (request.dryRun) return { ok: true, result: await planned(context.db, change), replayed: false };
  return once<CapacityChangeOutcome>(
    context.db,
    { siteId: context.site.id, at: context.now, idempotency },
    (tx) => changeCapacity(tx, change),
    ({ ok }) => ok,
  );
}

/** Carries the change out and undoes it: what it would do is what it did. */
async function planned(db: Db, change: CapacityChange): Promise<CapacityChangeOutcome> {
  try {
    return await transactionWithRetry(db, async (tx) => {
      throw new Undone(await changeCapacity(tx, change));
    });
  } catch (error) {
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

/** Undoes a transaction that was only to be seen. */
class Undone extends Error {
  override name = 'Undone';
  readonly outcome: CapacityChangeOutcome;

  constructor(outcome: CapacityChangeOutcome) {
    super('a dry run is undone');
    this.outcome = outcome;
  }
}

async function slotsToChange(context: Context, request: CapacityChangeRequest): Promise<Slot[] | WishRefusal> {
  const slots = request.slotIds ? await namedSlots(context, request.slotIds) : await patternSlots(context, request);
  if ('problem' in slots) return slots;
  if (slots.length === 0) return refuse('no-slots');
  return slots.length > maxSlots ? refuse('too-many-slots') : slots;
}

async function namedSlots(context: Context, ids: readonly string[]): Promise<Slot[] | WishRefusal> {
  const numbers = new Set(ids.map(parseSlotId));
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
