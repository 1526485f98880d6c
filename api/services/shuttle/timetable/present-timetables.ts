import { plusDays, toText, type IsoDate } from '../../../calendar/time.ts';
import { maskedPeople } from '../../../people/masked.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { nobody } from '../../present-plan.ts';
import type { Context } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { factsOf } from '../run-rules.ts';
import { timetabled, timetableOn, type TimetableMade } from './make-timetable.ts';
import { countsOf, presentEffects } from './present-run-plan.ts';
import type { Line } from './timetable-command.ts';
import { versionsOf, type KeptVersion } from './timetable-rows.ts';
import type { LineTimetablesAnswer, TimetablePlanAnswer } from './timetable-schemas.ts';

/** A version as the API shows it when it is made, tried or taken back. */
export async function presentTimetablePlan(
  context: Context,
  made: TimetableMade,
  applied: boolean,
): Promise<TimetablePlanAnswer> {
  const { versionId, validFrom, runs, keptDays } = made;
  const effects = await presentEffects(context, made, applied);
  return { applied, versionId: applied ? versionId : null, validFrom, runs: [...runs], keptDays, ...effects };
}

/** Lines with all their timetables, latest first. */
export async function presentLines(context: Context, lines: readonly Line[]): Promise<LineTimetablesAnswer[]> {
  const versions = await versionsOf(
    context.db,
    context.site.id,
    lines.map(({ id }) => id),
  );
  const people = await maskedPeople(
    context.db,
    context.site.id,
    versions.map(({ actorId }) => actorId),
  );
  return lines.map((line) => {
    const { id: lineId, name, buses, cycleMinutes, runsPerDay } = line;
    const runs = timetabled(context, lineId);
    const kept = versions.filter((version) => version.lineId === lineId);
    const starts = startsOf(runs.flatMap(({ schedules }) => schedules.map(({ validFrom }) => validFrom)));
    return {
      ...{ lineId, name, buses, cycleMinutes, runsPerDay },
      runs: runs.map((run) => ({ runId: run.id, run: factsOf(run).run, name: run.name })),
      versions: starts.map((validFrom, index) => {
        const next = starts[index - 1];
        const version = kept.find((each) => each.validFrom === validFrom);
        return {
          validFrom,
          validTo: typeof next === 'string' ? plusDays(next, -1) : null,
          runs: timetableOn(context, lineId, validFrom ?? '2000-01-01'),
          made: version ? presentVersion(context, version, version === kept[0], people) : null,
        };
      }),
    };
  });
}

/** The first dates of timetables, latest first; null is before all. */
function startsOf(starts: readonly (IsoDate | null)[]): (IsoDate | null)[] {
  return [...new Set(starts)].toSorted((a, b) => ((a ?? '') < (b ?? '') ? 1 : -1));
}

function presentVersion(
  context: Context,
  version: KeptVersion,
  isLast: boolean,
  people: Awaited<ReturnType<typeof maskedPeople>>,
): NonNullable<LineTimetablesAnswer['versions'][number]['made']> {
  const { id, reason, at, actorId, actorRole, receipt, validFrom } = version;
  return {
    ...{ id, reason },
    at: toText(at, context.site.timeZone),
    actor: { role: actorRole as RoleName, person: people.get(actorId) ?? nobody },
    ...countsOf(receipt),
    canUndo: isLast && validFrom > todayOf(context),
  };
}
