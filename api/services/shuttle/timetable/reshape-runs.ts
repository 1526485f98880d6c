import type { Db } from '../../../../db/db.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { reshapeSlots, type Reshape, type Reshaped } from '../../../engine/reshape-slots.ts';
import { isTouched, planSlot } from '../../../engine/slot-targets.ts';
import { bookingsById } from '../../bookings.ts';
import type { Context } from '../../service.ts';
import { otherRuns } from '../other-runs.ts';
import { wheelchairKind } from '../run-rules.ts';
import { runShapes, type RunDayTarget } from './run-shapes.ts';
import { keyOf, reshapeStandby, tellWaiting } from './tell-waiting.ts';
import { Refusing } from './timetable-command.ts';

/** Who changes runs and why, and what is taken back with it. */
export type RunReshape = Pick<
  Reshape,
  'changeId' | 'reason' | 'actorId' | 'actorRole' | 'expectedTag' | 'mayDisplace' | 'giveBack'
>;

/** What a change of runs made of those who have booked them, wait for them or stand by. */
export type RunEffects = Omit<Reshaped, 'ok' | 'leftQueue' | 'movedQueue'> & {
  leftQueue: { entryId: number; personId: string }[];
  /** How many stood by for a ride that is not there any more. */
  leftStandby: number;
  /** How many wait or stand by on, for another time. */
  waitOn: number;
};

/**
 * Lets runs of some dates go as they shall, with all that follows for their riders, through the engine, and for those who wait or stand by,
 * who are told. What is the same already is left alone. `inside` is the caller's transaction. @throws Refusing
 */
export async function reshapeRuns(
  tx: Db,
  inside: Context,
  targets: readonly RunDayTarget[],
  change: RunReshape,
): Promise<RunEffects> {
  const { site, catalogue, now } = inside;
  const resources = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle' || kind === wheelchairKind);
  const dates = [...new Set(targets.map(({ date }) => date))];
  const around = await slotsOfResources(
    tx,
    site.id,
    resources.map(({ id }) => id),
    dates,
  );
  const { shapeOf, remake, has } = runShapes(inside, targets);
  const changing = around.filter((slot) => {
    if (!has(slot)) return false;
    const { terms, target } = shapeOf(slot);
    return terms !== null || isTouched(planSlot(slot, target));
  });
  const outcome = await reshapeSlots(tx, {
    ...change,
    siteId: site.id,
    at: now,
    slotIds: changing.map(({ id }) => id),
    alternativeIds: around.map(({ id }) => id),
    shapeOf,
    remake,
    alternatives: async (inner, ids) => otherRuns({ ...inside, db: inner }, await bookingsById(inner, site.id, ids)),
  });
  if (!outcome.ok) throw new Refusing(outcome);
  const { ok: _ok, leftQueue, movedQueue, ...effects } = outcome;
  const stamp = { ...change, at: now };
  const changed = new Set(changing.map(keyOf));
  const before = around.filter((slot) => slot.kind === 'shuttle' && changed.has(keyOf(slot)));
  const standby = await reshapeStandby(tx, inside, stamp, before);
  await tellWaiting(tx, inside, stamp, { leftQueue, movedQueue }, { ...standby, before });
  return {
    ...effects,
    leftQueue: leftQueue.map(({ entryId, personId }) => ({ entryId, personId })),
    leftStandby: standby.leftStandby.length,
    waitOn: movedQueue.length + standby.movedStandby.length,
  };
}
