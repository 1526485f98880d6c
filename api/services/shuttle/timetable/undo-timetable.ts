import type { Db } from '../../../../db/db.ts';
import type { Once } from '../../../engine/once.ts';
import { datesBetween } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import { horizon } from '../../horizon.ts';
import type { Context } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { follow, timetabled, timetableOn, withPlaces, type TimetableMade } from './make-timetable.ts';
import { runChangesOn } from './run-change-rows.ts';
import { command, insideOf, notThere, refuseBy, takeLine, type Call, type Refused } from './timetable-command.ts';
import { noteVersionUndone, takeSchedulesBack, versionById, versionsOf, type KeptVersion } from './timetable-rows.ts';

/**
 * Takes a version of a timetable back while nothing depends on it: it has not begun, it is the last one, no day of it was changed by itself
 * since, and nobody has booked what would be gone.
 */
export function undoTimetable(
  context: Context,
  caller: Caller,
  id: string,
  { reason }: { reason?: string | undefined },
  call: Call,
): Promise<Once<TimetableMade> | Refused> {
  return command(context, call, async (tx: Db) => {
    const seen = isUuid(id) ? await versionById(tx, context.site.id, id) : null;
    if (!seen) return notThere();
    const { line, actorRole, inside } = await takeLine(tx, context, caller, seen.lineId);
    // Under the line's lock: somebody else may have taken it back just now.
    const version = (await versionById(tx, context.site.id, id)) ?? notThere();
    if (version.undoneAt !== null) refuseBy('already-undone');
    if (version.validFrom <= todayOf(inside)) refuseBy('version-begun');
    const [last] = await versionsOf(tx, inside.site.id, [line.id]);
    if (last?.id !== id) refuseBy('version-later');
    const runs = timetabled(inside, line.id);
    await mindChangesSince(tx, inside, version);
    const ids = withPlaces(inside, runs).map((part) => part.id);
    await takeSchedulesBack(tx, inside.site.id, ids, version);
    const after = await insideOf(tx, context);
    const { changedDays, effects } = await follow(tx, after, line, version, {
      ...{ reason: reason ?? version.reason, actorId: caller.personId, actorRole },
      ...{ expectedTag: call.expectedTag, mayDisplace: false, giveBack: version.receipt.displaced },
    });
    await noteVersionUndone(tx, inside.site.id, { id, actorId: caller.personId, at: context.now });
    const { validFrom } = version;
    return {
      ...{ versionId: id, validFrom, runs: timetableOn(after, line.id, validFrom), keptDays: changedDays },
      ...effects,
    };
  });
}

/** @throws Refusing when a day of the version was changed by itself since */
async function mindChangesSince(tx: Db, inside: Context, { lineId, validFrom, at }: KeptVersion): Promise<void> {
  const ids = timetabled(inside, lineId).map(({ id }) => id);
  const dates = datesBetween(validFrom, horizon(inside.now, inside.site.timeZone).to);
  const changes = await runChangesOn(tx, inside.site.id, ids, dates);
  if (changes.some((change) => change.undoneAt === null && change.at >= at)) refuseBy('changed-since');
}
