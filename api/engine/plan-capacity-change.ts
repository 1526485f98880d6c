import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { promote, type Offer } from './promote.ts';
import { slotsOfQueues } from './queue-rows.ts';
import { lockSlots } from './slot-rows.ts';
import { toTimestamp } from './sql-values.ts';
import type { Slot } from './types.ts';

/** A new capacity for some slots. */
export type CapacityChange = {
  siteId: number;
  slotIds: readonly number[];
  capacity: number;
  reason: string;
  actorId: string;
  at: Instant;
  /** The versions that the administrator has seen (`planTag`); null to change whatever is there. */
  expectedTag: string | null;
  dryRun: boolean;
};

export type PlannedSlot = {
  slotId: number;
  resourceId: string;
  serviceDate: IsoDate;
  startsAt: Instant;
  before: number;
  after: number;
  booked: number;
  /** Units booked above the new capacity. */
  excess: number;
};

export type CapacityChangeOutcome =
  | { ok: true; applied: boolean; changes: PlannedSlot[]; promoted: Offer[]; tag: string }
  | { ok: false; problem: 'below-booked'; changes: PlannedSlot[] }
  | { ok: false; problem: 'stale'; tag: string }
  | { ok: false; problem: 'unknown-slot'; slotId: number };

/**
 * Changes the capacity of slots and offers what is added to those who wait, in the caller's transaction. Refuses to go below what is booked,
 * all or nothing. A dry run does the same in a transaction that is undone (`applied: false`), so that what is shown is what happens; it
 * shows what is in the way instead of refusing.
 */
export async function changeCapacity(tx: Db, change: CapacityChange): Promise<CapacityChangeOutcome> {
  const locked = await lockSlots(tx, change.siteId, await slotsOfQueues(tx, change.siteId, change.slotIds));
  const slots = new Map([...locked].filter(([id]) => change.slotIds.includes(id)));
  const missing = change.slotIds.find((id) => !slots.has(id));
  if (missing !== undefined) return { ok: false, problem: 'unknown-slot', slotId: missing };
  const tag = planTag([...slots.values()]);
  if (change.expectedTag !== null && change.expectedTag !== tag) return { ok: false, problem: 'stale', tag };
  const changes = [...slots.values()].map((slot) => planSlot(slot, change.capacity));
  const isInTheWay = changes.some(({ excess }) => excess > 0);
  if (isInTheWay && change.dryRun) return { ok: true, applied: false, changes, promoted: [], tag };
  if (isInTheWay) return { ok: false, problem: 'below-booked', changes };
  const touched = changes.filter(({ before, after }) => before !== after);
  await apply(tx, change, touched);
  const changedIds = new Set(touched.map(({ slotId }) => slotId));
  const promoted = await promote(tx, change.siteId, [...changedIds], change.at);
  const now = [...slots.values()].map((slot) =>
    changedIds.has(slot.id) ? { ...slot, version: slot.version + 1 } : slot,
  );
  return { ok: true, applied: !change.dryRun, changes, promoted, tag: change.dryRun ? tag : planTag(now) };
}

/** Names the versions of a set of slots, for `If-Match`. A booking does not change it; an administrator's edit does. */
export function planTag(slots: readonly Slot[]): string {
  // Versions only grow, so that over the same slots their sum changes with every edit.
  return `${slots.length}.${slots.reduce((sum, slot) => sum + slot.version, 0)}`;
}

function planSlot(slot: Slot, capacity: number): PlannedSlot {
  return {
    slotId: slot.id,
    resourceId: slot.resourceId,
    serviceDate: slot.serviceDate,
    startsAt: slot.startsAt,
    before: slot.capacity,
    after: capacity,
    booked: slot.taken,
    excess: Math.max(0, slot.taken - capacity),
  };
}

async function apply(tx: Db, change: CapacityChange, touched: readonly PlannedSlot[]): Promise<void> {
  if (touched.length === 0) return;
  const ids = touched.map(({ slotId }) => slotId);
  await Promise.all([
    tx.query('UPDATE slot SET capacity = $3, version = version + 1 WHERE site_id = $1 AND id = ANY($2::bigint[])', [
      change.siteId,
      ids,
      change.capacity,
    ]),
    tx.query(
      `INSERT INTO event (site_id, at, type, actor_id, slot_id, facts)
       SELECT $1, $2, 'slot.capacity-changed', $3, u.slot_id,
         jsonb_build_object('before', u.before, 'after', $6::int, 'reason', $7::text)
       FROM unnest($4::bigint[], $5::int[]) AS u(slot_id, before)`,
      [
        change.siteId,
        toTimestamp(change.at),
        change.actorId,
        ids,
        touched.map(({ before }) => before),
        change.capacity,
        change.reason,
      ],
    ),
  ]);
}
