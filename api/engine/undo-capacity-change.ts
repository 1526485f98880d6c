import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { changeById, recordChange, type ChangeReceipt } from './capacity-change-rows.ts';
import { decideWhoReturns, giveUpAlternatives } from './bring-back.ts';
import type { NotRestored, RestoreDecision } from './restore.ts';
import { isTouched, writeTargets, type PlannedSlot } from './slot-targets.ts';
import { promote, type Offer } from './promote.ts';
import { lockWithQueues, slotsWaitedForBy } from './queue-rows.ts';
import { touchedBy } from './release.ts';
import { writeRestored } from './restored-rows.ts';
import type { Slot } from './types.ts';

/** A change to take back. */
export type Undo = {
  siteId: number;
  changeId: string;
  reason: string;
  actorId: string;
  actorRole: string;
  at: Instant;
  dryRun: boolean;
};

/** What taking a change back did, or would do just so. */
export type Undone = {
  ok: true;
  applied: boolean;
  changeId: string;
  undoes: string;
  changes: PlannedSlot[];
  /** Bookings that their owners have again, and those that stay displaced, and why. */
  restored: { bookingId: string; personId: string }[];
  notRestored: { bookingId: string; personId: string; why: NotRestored }[];
  promoted: Offer[];
};

export type UndoOutcome =
  | Undone
  | { ok: false; problem: 'unknown-change' }
  | { ok: false; problem: 'rule'; rule: 'already-undone' | 'changed-since' | 'slot-over' }
  /** What was added has been booked since. */
  | { ok: false; problem: 'below-booked'; changes: PlannedSlot[] };

/**
 * Gives slots back what they were before a change, in the caller's transaction, while nothing depends on it: they are still as the change
 * left them, and nobody would lose a place. Those who gave way and have not accepted something else have their bookings again, whoever
 * came last in the order first; then those who wait are served. Slots that are over stay as they are. A dry run does the same in a
 * transaction that is undone.
 */
export async function undoCapacityChange(tx: Db, undo: Undo): Promise<UndoOutcome> {
  const { siteId, at } = undo;
  const kept = await changeById(tx, siteId, undo.changeId, true);
  if (!kept) return { ok: false, problem: 'unknown-change' };
  if (kept.undoneBy !== null) return { ok: false, problem: 'rule', rule: 'already-undone' };
  const mine = kept.receipt.changes.filter(({ endsAt }) => at < endsAt);
  if (mine.length === 0) return { ok: false, problem: 'rule', rule: 'slot-over' };
  const lost = kept.receipt.displaced.filter(({ state }) => state === 'confirmed').toReversed();
  const { slots, freed } = await lockAll(tx, siteId, mine, lost);

  const isAsLeft = mine.every((change) => isAs(slots.get(change.slotId), change));
  if (!isAsLeft) return { ok: false, problem: 'rule', rule: 'changed-since' };
  const changes = mine.map((change) => reversed(change, slots.get(change.slotId)?.taken ?? 0));
  if (changes.some(({ excess }) => excess > 0)) return { ok: false, problem: 'below-booked', changes };
  const decision = await decideWhoReturns(tx, undo, lost, withTargets(slots, changes));
  const changeId = newId();
  const promoted = await carryOut(tx, { ...undo, newId: changeId }, { changes, decision, freed });
  const ownerOf = new Map(lost.map(({ bookingId, personId }) => [bookingId, personId]));
  return {
    ok: true,
    applied: !undo.dryRun,
    changeId,
    undoes: undo.changeId,
    changes,
    restored: decision.restored.map(({ booking: { bookingId, personId } }) => ({ bookingId, personId })),
    notRestored: decision.notRestored.map((each) => ({ ...each, personId: ownerOf.get(each.bookingId) ?? '' })),
    promoted,
  };
}

/** Locks in one go what is changed, what comes back, what is given up for it, and the queues of it all. */
async function lockAll(
  tx: Db,
  siteId: number,
  changes: readonly PlannedSlot[],
  lost: ChangeReceipt['displaced'],
): Promise<{ slots: Map<number, Slot>; freed: number[] }> {
  const bookingIds = lost.flatMap(({ bookingId, alternative }) => [
    bookingId,
    ...(alternative ? [alternative.bookingId] : []),
  ]);
  const { slotIds, personIds } = await touchedBy(tx, siteId, bookingIds);
  const waitedFor = personIds.length > 0 ? await slotsWaitedForBy(tx, siteId, personIds) : [];
  const freed = [...new Set([...changes.map(({ slotId }) => slotId), ...slotIds, ...waitedFor])];
  return { slots: await lockWithQueues(tx, siteId, freed), freed };
}

/** A slot that was moved in time is not as it was left either: who would come back booked another time. */
function isAs(slot: Slot | undefined, left: PlannedSlot): boolean {
  const isSame = slot?.capacity === left.after && slot.state === left.stateAfter;
  return isSame && slot.closedReason === left.closedReasonAfter && slot.startsAt === left.startsAt;
}

function reversed(change: PlannedSlot, booked: number): PlannedSlot {
  const { before, after, stateBefore, stateAfter, closedReasonBefore, closedReasonAfter } = change;
  return {
    ...change,
    before: after,
    after: before,
    stateBefore: stateAfter,
    stateAfter: stateBefore,
    closedReasonBefore: closedReasonAfter,
    closedReasonAfter: closedReasonBefore,
    booked,
    excess: Math.max(0, booked - (stateBefore === 'closed' ? 0 : before)),
  };
}

function withTargets(slots: ReadonlyMap<number, Slot>, changes: readonly PlannedSlot[]): Map<number, Slot> {
  const result = new Map(slots);
  for (const { slotId, after: capacity, stateAfter: state, closedReasonAfter: closedReason } of changes) {
    const slot = slots.get(slotId);
    if (slot) result.set(slotId, { ...slot, capacity, state, closedReason });
  }
  return result;
}

/** Gives up what is held instead, changes the slots, brings the bookings back and serves the queues, in this order. */
async function carryOut(
  tx: Db,
  undo: Undo & { newId: string },
  { changes, decision, freed }: { changes: PlannedSlot[]; decision: RestoreDecision; freed: readonly number[] },
): Promise<Offer[]> {
  const { siteId, actorId, at } = undo;
  const stamp = { siteId, actorId, at, reason: undo.reason, changeId: undo.newId };
  await giveUpAlternatives(tx, stamp, decision);
  await writeTargets(tx, stamp, changes.filter(isTouched));
  await writeRestored(tx, stamp, decision.restored);
  const promoted = await promote(tx, siteId, freed, at);
  await recordChange(tx, {
    ...undo,
    id: undo.newId,
    undoes: undo.changeId,
    changes,
    displaced: [],
    plan: { holdings: new Map() },
    promoted,
  });
  return promoted;
}
