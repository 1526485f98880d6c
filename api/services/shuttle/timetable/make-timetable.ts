import { newId } from '../../../new-id.ts';
import type { Db } from '../../../../db/db.ts';
import { datesBetween, instantOf, localTimeOf, type IsoDate } from '../../../calendar/time.ts';
import type { Once } from '../../../engine/once.ts';
import { publishSlots } from '../../../engine/publish-slots.ts';
import type { Caller } from '../../../people/caller.ts';
import { horizon, validWithin } from '../../horizon.ts';
import type { Context, Resource } from '../../service.ts';
import { runDaysOn, todayOf, type RunDay } from '../run-days.ts';
import { legsOf, runOn, wheelchairPlaceOf } from '../run-rules.ts';
import { departureOf } from './change-run.ts';
import { reshapeRuns, type RunEffects } from './reshape-runs.ts';
import type { RunDayTarget } from './run-shapes.ts';
import {
  command,
  insideOf,
  isExtra,
  refuseBy,
  runsOf,
  takeLine,
  type Call,
  type Line,
  type Refused,
} from './timetable-command.ts';
import { endSchedules, keepVersion, writeSchedules, type TimetableRun } from './timetable-rows.ts';
import { departureWithoutBus } from './vehicle-cycle.ts';

/** The timetable of a line from a date on: all of its runs; one that is left out does not run then. */
export type TimetableRequest = {
  lineId: string;
  /** The first date, tomorrow at the earliest. */
  validFrom: IsoDate;
  runs: readonly TimetableRun[];
  reason: string;
};

/** A version that was made, or would be made just so. */
export type TimetableMade = {
  versionId: string;
  validFrom: IsoDate;
  runs: readonly TimetableRun[];
  /** Days of runs that keep what the dispatcher changed for them. */
  keptDays: { runId: string; date: IsoDate }[];
} & RunEffects;

/** Shown on the legs of a run that a timetable leaves out; also tells them from what was closed for another reason. */
export const notInTimetable = '新时刻表不含这班车 · Not in the new timetable';

/**
 * Makes a version of a line's timetable, or with `dryRun` shows what it would come to: within the vehicle cycle and the runs that the line
 * may have, after all other versions. Published slots from that date on follow with all that it means for their riders; days that were
 * changed one by one stay as they are. The one way to a new timetable, for the dispatcher's page and for the advisor.
 */
export function makeTimetable(
  context: Context,
  caller: Caller,
  request: TimetableRequest,
  call: Call,
): Promise<Once<TimetableMade> | Refused> {
  return command(context, call, async (tx: Db) => {
    const { lineId, validFrom, reason } = request;
    const { line, actorRole, inside } = await takeLine(tx, context, caller, lineId);
    const runs = timetabled(inside, lineId);
    mindTheRules(inside, line, runs, request);
    const parts = withPlaces(inside, runs);
    const ids = parts.map(({ id }) => id);
    const ended = await endSchedules(tx, inside.site.id, ids, validFrom);
    const runOf = new Map(request.runs.map((run) => [run.runId, run]));
    const wanted = parts.flatMap((resource) => {
      const run = runOf.get(resource.parentId ?? resource.id);
      return run ? [{ resource, run }] : [];
    });
    await writeSchedules(tx, inside.site.id, validFrom, wanted);
    const after = await insideOf(tx, context);
    const { changedDays, effects, versionId } = await follow(tx, after, line, request, {
      ...{ reason, actorId: caller.personId, actorRole },
      ...{ expectedTag: call.expectedTag, mayDisplace: true, giveBack: [] },
    });
    const { moved, displaced, leftQueue } = effects;
    await keepVersion(tx, inside.site.id, {
      ...{ id: versionId, lineId, validFrom, reason, at: context.now, runs: [...request.runs] },
      ...{ actorId: caller.personId, actorRole },
      receipt: { moved, displaced, leftQueue, ended },
    });
    return { versionId, validFrom, runs: request.runs, keptDays: changedDays, ...effects };
  });
}

/** The runs of a line's timetable: not those that were added for a date. */
export const timetabled = (context: Pick<Context, 'catalogue'>, lineId: string): Resource[] =>
  runsOf(context, lineId).filter((run) => !isExtra(run));

/** Runs together with their wheelchair places. */
export function withPlaces({ catalogue }: Pick<Context, 'catalogue'>, runs: readonly Resource[]): Resource[] {
  return runs.flatMap((run) => [run, catalogue.get(wheelchairPlaceOf(run.id)) ?? []].flat());
}

/** @throws Refusing */
function mindTheRules(
  inside: Context,
  line: Line,
  runs: readonly Resource[],
  { validFrom, runs: wanted }: TimetableRequest,
): void {
  if (validFrom <= todayOf(inside)) refuseBy('version-too-soon');
  if (validFrom > horizon(inside.now, inside.site.timeZone).to) refuseBy('date-too-far');
  const known = new Set(runs.map(({ id }) => id));
  const asked = new Set(wanted.map(({ runId }) => runId));
  if (asked.size !== wanted.length || wanted.some(({ runId }) => !known.has(runId))) refuseBy('runs-unknown');
  if (wanted.length > line.runsPerDay) refuseBy('too-many-runs');
  const starts = runs.flatMap(({ schedules }) => schedules.map((schedule) => schedule.validFrom ?? ''));
  if (starts.some((start) => start >= validFrom)) refuseBy('version-later');
  const departures = wanted.map(({ departs }) => instantOf(validFrom, departs, inside.site.timeZone));
  if (departureWithoutBus(departures, line) !== null) refuseBy('vehicle-busy');
  const isSame = runs.every((resource) => {
    const now = runOn(resource, validFrom);
    const then = wanted.find(({ runId }) => runId === resource.id);
    return now?.times.departs === then?.departs && now?.direction === then?.direction;
  });
  if (isSame) refuseBy('nothing-changes');
}

type Following = Omit<Parameters<typeof reshapeRuns>[3], 'changeId'>;

/**
 * Lets the published days from a version's first date on follow the schedules as they are now. Days that the dispatcher changed stay as they
 * are, as long as there are buses for all of it. @throws Refusing
 */
export async function follow(
  tx: Db,
  inside: Context,
  line: Line,
  { validFrom }: Pick<TimetableRequest, 'validFrom'>,
  change: Following,
): Promise<{ versionId: string; changedDays: TimetableMade['keptDays']; effects: RunEffects }> {
  const { site, now } = inside;
  const dates = datesBetween(validFrom, horizon(now, site.timeZone).to);
  await publishMissing(tx, inside, line.id, { from: validFrom, to: dates.at(-1) ?? validFrom });
  const days = await runDaysOn(inside, dates, line.id);
  const isKept = (day: RunDay) => day.change !== null || isExtra(day.resource);
  const targets = days.filter((day) => !isKept(day)).map((day) => targetOf(inside, day));
  mindTheBuses(inside, line, days.filter(isKept), targets);
  const versionId = newId();
  const effects = await reshapeRuns(tx, inside, targets, { ...change, changeId: versionId });
  const changed = days.filter((day) => day.change !== null && !isExtra(day.resource));
  const changedDays = changed.map(({ resource, serviceDate }) => ({ runId: resource.id, date: serviceDate }));
  return { versionId, changedDays, effects };
}

/** How a run goes on a date by its schedules; one that they leave out is closed. */
function targetOf({ site }: Context, { resource, serviceDate: date, legs, direction }: RunDay): RunDayTarget {
  const run = runOn(resource, date);
  const runId = resource.id;
  if (!run)
    return {
      ...{ runId, date, departs: localTimeOf(legs[0]?.startsAt ?? 0, site.timeZone), direction },
      closing: { reason: notInTimetable },
    };
  const isBack = legs.some(({ closedReason }) => closedReason === notInTimetable);
  return { runId, date, departs: run.times.departs, direction: run.direction, closing: isBack ? 'open' : 'keep' };
}

/** @throws Refusing when days that were changed leave no bus for the others */
function mindTheBuses({ site }: Context, line: Line, kept: readonly RunDay[], targets: readonly RunDayTarget[]): void {
  const running = kept.filter(({ isCancelled }) => !isCancelled);
  const departures = [
    ...running.map((day) => ({ date: day.serviceDate, departure: departureOf(day) })),
    ...targets
      .filter(({ closing }) => typeof closing === 'string')
      .map(({ date, departs }) => ({ date, departure: instantOf(date, departs, site.timeZone) })),
  ];
  const changed = new Set(running.map(({ serviceDate }) => serviceDate));
  for (const [date, own] of Map.groupBy(departures, (each) => each.date)) {
    if (!changed.has(date)) continue;
    const instants = own.map(({ departure }) => departure);
    if (departureWithoutBus(instants, line) !== null) refuseBy('vehicle-busy');
  }
}

/** Makes the slots of runs that had none on these dates. */
async function publishMissing(
  tx: Db,
  inside: Context,
  lineId: string,
  dates: { from: IsoDate; to: IsoDate },
): Promise<void> {
  const { calendar, site, now } = inside;
  const drafts = withPlaces(inside, timetabled(inside, lineId)).flatMap((resource) =>
    resource.schedules.flatMap((schedule) => {
      const range = validWithin(schedule, dates);
      const legs = range ? legsOf(resource, schedule, range, calendar, site.timeZone) : [];
      return legs.map((leg) => ({ ...leg, resourceId: resource.id, kind: resource.kind }));
    }),
  );
  await publishSlots(tx, site.id, drafts, now);
}

/** The timetable of a line on a date, in order of departure. */
export function timetableOn(context: Pick<Context, 'catalogue'>, lineId: string, date: IsoDate): TimetableRun[] {
  return timetabled(context, lineId)
    .flatMap((resource) => {
      const run = runOn(resource, date);
      return run ? [{ runId: resource.id, departs: run.times.departs, direction: run.direction }] : [];
    })
    .toSorted((a, b) => (a.departs < b.departs ? -1 : 1));
}
