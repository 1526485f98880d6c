import type { Db } from '../../../../db/db.ts';
import { newId } from '../../../new-id.ts';
import type { Once } from '../../../engine/once.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { presentRunDay, runDaysOn, type RunDay } from '../run-days.ts';
import { wheelchairPlaceOf } from '../run-rules.ts';
import { dayNow, departureOf, departsOf, lineOf, mindTheBus, type RunChanged } from './change-run.ts';
import { reshapeRuns } from './reshape-runs.ts';
import { noteUndone, runChangeById, runChangesOn, type KeptRunChange } from './run-change-rows.ts';
import type { RunDayTarget } from './run-shapes.ts';
import { command, insideOf, notThere, refuseBy, takeLine, type Call, type Refused } from './timetable-command.ts';

/**
 * Takes a change of a run's day back while nothing depends on it: it is the latest of that run and date, the run has not left, and nobody
 * has booked what would be gone. Those who moved move back; those who gave way have their rides again unless they accepted another one.
 */
export function undoRunChange(
  context: Context,
  caller: Caller,
  id: string,
  { reason }: { reason?: string | undefined },
  call: Call,
): Promise<Once<RunChanged> | Refused> {
  return command(context, call, async (tx: Db) => {
    const seen = isUuid(id) ? await runChangeById(tx, context.site.id, id) : null;
    if (!seen) return notThere();
    const { line, actorRole, inside } = await takeLine(
      tx,
      context,
      caller,
      lineOf(await insideOf(tx, context), seen.runId),
    );
    // Under the line's lock: somebody else may have taken it back just now.
    const change = (await runChangeById(tx, context.site.id, id)) ?? notThere();
    if (change.undoneAt !== null) refuseBy('already-undone');
    const { runId, serviceDate } = change;
    const latest = (await runChangesOn(tx, context.site.id, [runId], [serviceDate])).find(
      ({ undoneAt }) => undoneAt === null,
    );
    if (latest?.id !== id) refuseBy('changed-since');
    const days = await runDaysOn(inside, [serviceDate], line.id);
    const day = days.find(({ resource }) => resource.id === runId) ?? notThere();
    if (departureOf(day) <= context.now) refuseBy('run-departed');
    const target = asBefore(inside, day, change);
    if (change.kind !== 'added') mindTheBus(inside, line, days, target);
    const effects = await reshapeRuns(tx, inside, [target], {
      changeId: newId(),
      reason: reason ?? change.reason,
      actorId: caller.personId,
      actorRole,
      expectedTag: call.expectedTag,
      mayDisplace: false,
      giveBack: change.receipt.displaced,
    });
    await noteUndone(tx, context.site.id, { id, actorId: caller.personId, at: context.now });
    if (change.kind === 'added') await retire(tx, context.site.id, runId);
    const before = presentRunDay(inside, day);
    const after = change.kind === 'added' ? null : await dayNow(inside, runId, serviceDate);
    return { changeId: id, runId, before, after, ...effects };
  });
}

function asBefore(inside: Context, day: RunDay, change: KeptRunChange): RunDayTarget {
  const { runId, serviceDate: date, kind } = change;
  const departs = change.departsBefore ?? departsOf(inside, day);
  const direction = change.directionBefore ?? day.direction;
  switch (kind) {
    case 'added':
      return { runId, date, departs, direction, closing: { reason: change.reason } };
    case 'cancelled':
      return { runId, date, departs, direction, closing: 'open' };
    case 'retimed':
    case 'flipped':
      return { runId, date, departs, direction, closing: 'keep' };
  }
}

/** A run that was added and taken back is offered no more; its closed slots stay for the record. */
async function retire(tx: Db, siteId: number, runId: string): Promise<void> {
  await tx.query('UPDATE resource SET is_active = false WHERE site_id = $1 AND id = ANY($2::text[])', [
    siteId,
    [runId, wheelchairPlaceOf(runId)],
  ]);
}
