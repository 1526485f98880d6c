import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { recordChange } from './capacity-change-rows.ts';
import {
  carryOutDisplacement,
  foresee,
  planDisplacement,
  type Displaced,
  type DisplacementPlan,
  type DisplacementRules,
} from './displace-bookings.ts';
import { promote, type Offer } from './promote.ts';
import { expectQueuesWithin } from './queue-rows.ts';
import { lockSlots } from './slot-rows.ts';
import { excessOf, isTouched, planSlot, writeTargets, type PlannedSlot, type SlotTarget } from './slot-targets.ts';
import type { Slot } from './types.ts';

/** A new capacity for some slots, or their closing or reopening. */
export type CapacityChange = {
  siteId: number;
  slotIds: readonly number[];
  targetOf: (slot: Slot) => SlotTarget;
  reason: string;
  actorId: string;
  actorRole: string;
  at: Instant;
  /** The versions that the administrator has seen (`planTag`); null to change whatever is there. */
  expectedTag: string | null;
  /** How bookings give way that have no place any more; null to refuse instead. */
  displacement: DisplacementRules | null;
  dryRun: boolean;
};

/** A change that was made, or that would be made just so. */
export type PlannedChange = {
  ok: true;
  applied: boolean;
  /** What it is kept as; null when there was nothing to change. */
  changeId: string | null;
  changes: PlannedSlot[];
  /** Who gives way, in the declared order. */
  displaced: Displaced[];
  promoted: Offer[];
  tag: string;
};

export type CapacityChangeOutcome =
  | PlannedChange
  | { ok: false; problem: 'below-booked'; changes: PlannedSlot[] }
  /** Some of those in the way may not be displaced: they are protected, have come, or are in the middle of it. */
  | { ok: false; problem: 'bookings-must-stay'; changes: PlannedSlot[] }
  | { ok: false; problem: 'too-many-displaced' }
  | { ok: false; problem: 'stale'; tag: string }
  | { ok: false; problem: 'unknown-slot'; slotId: number };

/**
 * Changes slots, and everything that follows from it, in the caller's transaction: who has no place any more gives way in the declared
 * order, with the nearest alternative held; what is added is offered to those who wait. Without rules of displacement it refuses to go
 * below what is booked; all or nothing. A dry run does the same in a transaction that is undone (`applied: false`), so that what is shown
 * is what happens; where it would be refused for what is booked, it shows what is in the way.
 */
export async function changeCapacity(tx: Db, change: CapacityChange): Promise<CapacityChangeOutcome> {
  const foresight = await foresee(tx, change, (slots) =>
    excessOf(slots.map((slot) => planSlot(slot, change.targetOf(slot)))),
  );
  if (foresight === 'too-many') return { ok: false, problem: 'too-many-displaced' };
  const locked = await lockSlots(tx, change.siteId, foresight.slotIds);
  const slots = new Map([...locked].filter(([id]) => change.slotIds.includes(id)));
  const missing = change.slotIds.find((id) => !slots.has(id));
  if (missing !== undefined) return { ok: false, problem: 'unknown-slot', slotId: missing };
  await expectQueuesWithin(tx, change.siteId, change.slotIds, locked);
  const tag = planTag([...slots.values()]);
  if (change.expectedTag !== null && change.expectedTag !== tag) return { ok: false, problem: 'stale', tag };

  const changes = [...slots.values()].map((slot) => planSlot(slot, change.targetOf(slot)));
  const excess = excessOf(changes);
  if (excess.size > 0 && change.displacement === null) {
    if (!change.dryRun) return { ok: false, problem: 'below-booked', changes };
    return { ok: true, applied: false, changeId: null, changes, displaced: [], promoted: [], tag };
  }
  const displacement = await planDisplacement(tx, change, excess, withTargets(locked, change), foresight);
  if (displacement === 'too-many') return { ok: false, problem: 'too-many-displaced' };
  if (displacement === 'impossible') return { ok: false, problem: 'bookings-must-stay', changes };
  const touched = changes.filter(isTouched);
  const made = await carryOut(tx, change, touched, displacement);
  const touchedIds = new Set(touched.map(({ slotId }) => slotId));
  const now = [...slots.values()].map((slot) =>
    touchedIds.has(slot.id) ? { ...slot, version: slot.version + 1 } : slot,
  );
  return { ok: true, applied: !change.dryRun, changes, ...made, tag: change.dryRun ? tag : planTag(now) };
}

/** Names the versions of a set of slots, for `If-Match`. A booking does not change it; an administrator's edit does. */
export function planTag(slots: readonly Slot[]): string {
  // Versions only grow, so that over the same slots their sum changes with every edit.
  return `${slots.length}.${slots.reduce((sum, slot) => sum + slot.version, 0)}`;
}

/** All locked slots, those that are changed as they shall be. */
function withTargets(locked: ReadonlyMap<number, Slot>, { slotIds, targetOf }: CapacityChange): Map<number, Slot> {
  const changed = new Set(slotIds);
  return new Map([...locked].map(([id, slot]) => [id, changed.has(id) ? { ...slot, ...targetOf(slot) } : slot]));
}

/** Writes what was decided, in the order in which the database's constraints allow it. */
async function carryOut(
  tx: Db,
  change: CapacityChange,
  touched: readonly PlannedSlot[],
  plan: DisplacementPlan,
): Promise<Pick<PlannedChange, 'changeId' | 'displaced' | 'promoted'>> {
  if (touched.length === 0) return { changeId: null, displaced: [], promoted: [] };
  const changeId = newId();
  const displaced = await carryOutDisplacement(tx, { ...change, changeId }, plan, () =>
    writeTargets(tx, { ...change, changeId }, touched),
  );
  const freed = new Set([...touched.map(({ slotId }) => slotId), ...plan.freedSlotIds]);
  const promoted = await promote(tx, change.siteId, [...freed], change.at);
  await recordChange(tx, { ...change, id: changeId, undoes: null, changes: touched, displaced, plan, promoted });
  return { changeId, displaced, promoted };
}
