import type { Db } from '../../../../db/db.ts';
import { localTimeOf, type IsoDate } from '../../../calendar/time.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { writeDayNotices, type DayNotice } from '../../../engine/notices.ts';
import type { Reshaped } from '../../../engine/reshape-slots.ts';
import type { ChangeStamp } from '../../../engine/slot-targets.ts';
import type { Slot } from '../../../engine/types.ts';
import type { Context } from '../../service.ts';
import type { RideDetails } from '../draft-seats.ts';
import { directionOf, legsBetween, titleOf } from '../run-rules.ts';
import { lockWaiting, withdrawPlaces, type StandbyRow } from '../standby/standby-rows.ts';

/** Who stood by for runs that were changed: whose ride is not there any more, and whose leaves at another time. */
export type StandbyEffects = { leftStandby: StandbyRow[]; movedStandby: StandbyRow[] };

/**
 * Ends the places of those who stand by for a ride that is not there any more; the others keep theirs. `before` are the slots of the runs
 * that were changed, as they were; the caller's transaction holds their locks. @returns `after` too, the same slots as they are now.
 */
export async function reshapeStandby(
  tx: Db,
  { site }: Pick<Context, 'site'>,
  stamp: Pick<ChangeStamp, 'actorId' | 'at'>,
  before: readonly Slot[],
): Promise<StandbyEffects & { after: Slot[] }> {
  const legsBefore = Map.groupBy(before, keyOf);
  const firsts = [...legsBefore.values()].flatMap(([leg]) => leg ?? []);
  if (firsts.length === 0) return { leftStandby: [], movedStandby: [], after: [] };
  const runs = firsts.map(({ resourceId: runId, serviceDate: date }) => ({ runId, date }));
  const [runIds, dates] = [new Set(runs.map(({ runId }) => runId)), new Set(runs.map(({ date }) => date))];
  const after = await slotsOfResources(tx, site.id, [...runIds], [...dates]);
  const legsAfter = Map.groupBy(after, keyOf);
  const waiting = await lockWaiting(tx, site.id, runs);
  const times = waiting.map((row) => ({
    row,
    was: departureOf(row, legsBefore.get(keyOfPlace(row))),
    is: departureOf(row, legsAfter.get(keyOfPlace(row))),
  }));
  const leftStandby = times.filter(({ is }) => is === null).map(({ row }) => row);
  const movedStandby = times.filter(({ was, is }) => is !== null && is !== was).map(({ row }) => row);
  const ids = leftStandby.map(({ id }) => id);
  await withdrawPlaces(tx, site.id, ids, stamp);
  return { leftStandby, movedStandby, after };
}

export const keyOf = ({ resourceId, serviceDate }: Pick<Slot, 'resourceId' | 'serviceDate'>): string =>
  `${serviceDate} ${resourceId}`;
const keyOfPlace = ({ runId, serviceDate }: { runId: string; serviceDate: IsoDate }): string =>
  keyOf({ resourceId: runId, serviceDate });

/** When the bus leaves where somebody boards; null when it does not go from there to where they alight. */
function departureOf({ boardStopId, alightStopId }: StandbyRow, legs: readonly Slot[] = []): number | null {
  const way = legsBetween(legs, boardStopId, alightStopId);
  if (typeof way === 'string' || way.some(({ state }) => state === 'closed')) return null;
  return way[0]?.startsAt ?? null;
}

/**
 * Tells those who wait or stand by what became of their ride: that it is gone, with what it was called; or that it leaves at another time,
 * with what it is called now.
 */
export async function tellWaiting(
  tx: Db,
  context: Pick<Context, 'site' | 'catalogue'>,
  { at, reason }: Pick<ChangeStamp, 'at' | 'reason'>,
  { leftQueue, movedQueue }: Pick<Reshaped, 'leftQueue' | 'movedQueue'>,
  { leftStandby, movedStandby, before, after }: StandbyEffects & { before: readonly Slot[]; after: readonly Slot[] },
): Promise<void> {
  const { id: siteId } = context.site;
  const ofQueue = ({ personId, draft }: Reshaped['leftQueue'][number]): DayNotice => {
    const { runId, title } = draft.details as RideDetails;
    return { personId, resourceId: runId, serviceDate: draft.serviceDate, facts: { title, reason } };
  };
  const ofPlace = (legs: readonly Slot[]) => {
    const titles = titlesOf(context, legs);
    return ({ personId, runId: resourceId, serviceDate, ...row }: StandbyRow): DayNotice => {
      const title = titles.get(keyOfPlace({ runId: resourceId, serviceDate, ...row }));
      return { personId, resourceId, serviceDate, facts: { title, reason } };
    };
  };
  const gone = [...leftQueue.map(ofQueue), ...leftStandby.map(ofPlace(before))];
  const moved = [...movedQueue.map(ofQueue), ...movedStandby.map(ofPlace(after))];
  await writeDayNotices(tx, siteId, { kind: 'ride-gone', at }, gone);
  await writeDayNotices(tx, siteId, { kind: 'ride-moved', at }, moved);
}

/** What runs are called by their slots, by run and date. */
function titlesOf({ site, catalogue }: Pick<Context, 'site' | 'catalogue'>, slots: readonly Slot[]) {
  return new Map(
    [...Map.groupBy(slots, keyOf)].flatMap(([key, legs]) => {
      const [first] = legs;
      const run = first && catalogue.get(first.resourceId);
      return run ? [[key, titleOf(localTimeOf(first.startsAt, site.timeZone), directionOf(run, legs))] as const] : [];
    }),
  );
}
