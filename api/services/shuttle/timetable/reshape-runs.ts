import type { Db } from '../../../../db/db.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { reshapeSlots, type Reshape, type Reshaped } from '../../../engine/reshape-slots.ts';
import { isTouched, planSlot } from '../../../engine/slot-targets.ts';
import { bookingsById } from '../../bookings.ts';
import type { Context } from '../../service.ts';
import { otherRuns } from '../other-runs.ts';
import { wheelchairKind } from '../run-rules.ts';
import { runShapes, type RunDayTarget } from './run-shapes.ts';
import { Refusing } from './timetable-command.ts';

/** Who changes runs and why, and what is taken back with it. */
export type RunReshape = Pick<
  Reshape,
  'changeId' | 'reason' | 'actorId' | 'actorRole' | 'expectedTag' | 'mayDisplace' | 'giveBack'
>;

/** What a change of runs made of those who have booked them. */
export type RunEffects = Omit<Reshaped, 'ok'>;

/**
 * Lets runs of some dates go as they shall, with all that follows for their riders, through the engine. What is the same already is left
 * alone. `inside` is the caller's transaction. @throws Refusing
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
  const { ok: _ok, ...effects } = outcome;
  return effects;
}
