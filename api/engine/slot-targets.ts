import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import type { Slot } from './types.ts';

/** How a slot shall be. A closed slot keeps its capacity, and holds nothing. */
export type SlotTarget = Pick<Slot, 'capacity' | 'state' | 'closedReason'>;

/** A slot before and after a change. */
export type PlannedSlot = {
  slotId: number;
  resourceId: string;
  serviceDate: IsoDate;
  startsAt: Instant;
  endsAt: Instant;
  before: number;
  after: number;
  booked: number;
  /** Units booked above what the slot may hold afterwards. */
  excess: number;
  stateBefore: Slot['state'];
  stateAfter: Slot['state'];
  closedReasonBefore: string | null;
  closedReasonAfter: string | null;
};

/** Whether a slot becomes another than it was. */
export function isTouched(slot: PlannedSlot): boolean {
  return (
    slot.before !== slot.after ||
    slot.stateBefore !== slot.stateAfter ||
    slot.closedReasonBefore !== slot.closedReasonAfter
  );
}

/** What becomes of a slot. */
export function planSlot(slot: Slot, { capacity, state, closedReason }: SlotTarget): PlannedSlot {
  return {
    slotId: slot.id,
    resourceId: slot.resourceId,
    serviceDate: slot.serviceDate,
    startsAt: slot.startsAt,
    endsAt: slot.endsAt,
    before: slot.capacity,
    after: capacity,
    booked: slot.taken,
    excess: Math.max(0, slot.taken - (state === 'closed' ? 0 : capacity)),
    stateBefore: slot.state,
    stateAfter: state,
    closedReasonBefore: slot.closedReason,
    closedReasonAfter: closedReason,
  };
}

/** By how much each slot is above what it may hold; those that are not are missing. */
export function excessOf(changes: readonly PlannedSlot[]): Map<number, number> {
  return new Map(changes.flatMap(({ slotId, excess }) => (excess > 0 ? [[slotId, excess] as const] : [])));
}

/** Who changed what why: what the events of a change say. */
export type ChangeStamp = { siteId: number; changeId: string; actorId: string; at: Instant; reason: string };

/** Writes slots as they shall be, with an event for each kind of change. */
export async function writeTargets(tx: Db, stamp: ChangeStamp, touched: readonly PlannedSlot[]): Promise<void> {
  await Promise.all([
    tx.query(
      `UPDATE slot SET capacity = u.capacity, state = u.state, closed_reason = u.closed_reason, version = version + 1
       FROM unnest($2::bigint[], $3::int[], $4::text[], $5::text[]) AS u(id, capacity, state, closed_reason)
       WHERE slot.site_id = $1 AND slot.id = u.id`,
      [
        stamp.siteId,
        touched.map(({ slotId }) => slotId),
        touched.map(({ after }) => after),
        touched.map(({ stateAfter }) => stateAfter),
        touched.map(({ closedReasonAfter }) => closedReasonAfter),
      ],
    ),
    writeEvents(tx, stamp, touched),
  ]);
}

async function writeEvents(tx: Db, stamp: ChangeStamp, touched: readonly PlannedSlot[]): Promise<void> {
  const told = { reason: stamp.reason, changeId: stamp.changeId };
  const events = touched.flatMap((slot) => {
    const own: { slotId: number; type: string; facts: object }[] = [];
    const { slotId, before, after, stateBefore, stateAfter, closedReasonBefore, closedReasonAfter } = slot;
    if (before !== after) own.push({ slotId, type: 'slot.capacity-changed', facts: { before, after, ...told } });
    if (stateAfter === 'closed' && (stateBefore !== 'closed' || closedReasonBefore !== closedReasonAfter))
      own.push({ slotId, type: 'slot.closed', facts: { ...told, closedReason: closedReasonAfter } });
    if (stateAfter === 'active' && stateBefore === 'closed') own.push({ slotId, type: 'slot.reopened', facts: told });
    return own;
  });
  await tx.query(
    `INSERT INTO event (site_id, at, type, actor_id, slot_id, facts)
     SELECT $1, $2, u.type, $3, u.slot_id, u.facts FROM unnest($4::bigint[], $5::text[], $6::jsonb[]) AS u(slot_id, type, facts)`,
    [
      stamp.siteId,
      toTimestamp(stamp.at),
      stamp.actorId,
      events.map(({ slotId }) => slotId),
      events.map(({ type }) => type),
      events.map(({ facts }) => JSON.stringify(facts)),
    ],
  );
}
