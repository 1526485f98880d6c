import { newId } from '../../../new-id.ts';
import type { Db } from '../../../../db/db.ts';
import { resource as resourceTable, schedule as scheduleTable } from '../../../../db/schema/index.ts';
import type { IsoDate, LocalTime } from '../../../calendar/time.ts';
import type { Once } from '../../../engine/once.ts';
import { publishSlots } from '../../../engine/publish-slots.ts';
import type { Caller } from '../../../people/caller.ts';
import { horizon } from '../../horizon.ts';
import type { Context, Resource } from '../../service.ts';
import { runDaysOn } from '../run-days.ts';
import {
  factsOf,
  legsOf,
  mirrored,
  runAround,
  wheelchairPlaceOf,
  type Direction,
  type RunFacts,
  type RunTimes,
} from '../run-rules.ts';
import { dayNow, mindTheBus, type RunChanged } from './change-run.ts';
import { keepRunChange } from './run-change-rows.ts';
import {
  command,
  insideOf,
  isExtra,
  notThere,
  refuseBy,
  runsOf,
  takeLine,
  type Call,
  type Refused,
} from './timetable-command.ts';

/** A run that is wanted for one date beside those of the timetable. */
export type NewRunRequest = {
  lineId: string;
  serviceDate: IsoDate;
  departs: LocalTime;
  direction: Direction;
  reason: string;
};

/** Listed after the runs of the timetable. */
const sortOfExtras = 1000;

/**
 * Adds a run for a date, on any day, while a bus is free for it: a resource of its own with the stops, seats and rules of the line's other
 * runs. It does not count among the runs of a day that the timetable may have.
 */
export function addRun(
  context: Context,
  caller: Caller,
  request: NewRunRequest,
  call: Call,
): Promise<Once<RunChanged> | Refused> {
  return command(context, call, async (tx: Db) => {
    const { lineId, serviceDate, departs, direction, reason } = request;
    const { line, actorRole, inside } = await takeLine(tx, context, caller, lineId);
    if (serviceDate > horizon(context.now, context.site.timeZone).to) refuseBy('date-too-far');
    const runs = runsOf(inside, lineId);
    const model = runs.find((run) => !isExtra(run)) ?? notThere();
    const runId = await freeId(tx, inside, request);
    mindTheBus(inside, line, await runDaysOn(inside, [serviceDate], lineId), { runId, date: serviceDate, departs });
    await writeRun(tx, inside, model, { ...request, runId, number: nextNumber(runs) });
    const withRun = await insideOf(tx, context);
    await publish(tx, withRun, runId, serviceDate);
    const changeId = newId();
    await keepRunChange(tx, inside.site.id, {
      ...{ id: changeId, runId, serviceDate, kind: 'added', reason, at: context.now },
      ...{ actorId: caller.personId, actorRole },
      ...{ departsBefore: null, directionBefore: null, departsAfter: departs, directionAfter: direction },
      receipt: { moved: [], displaced: [], leftQueue: [] },
    });
    return { changeId, runId, before: null, after: await dayNow(withRun, runId, serviceDate), ...nothing };
  });
}

const nothing = {
  moved: [],
  displaced: [],
  leftQueue: [],
  leftStandby: 0,
  waitOn: 0,
  restored: [],
  notRestored: [],
  promoted: [],
  tagBefore: '',
  tag: '',
};

/** Numbers are those of the timetable and on from there. */
const nextNumber = (runs: readonly Resource[]): number => Math.max(...runs.map((run) => factsOf(run).run)) + 1;

/** An id that says what it is; another one when the run of that time was added and taken back before. */
async function freeId(tx: Db, { site }: Context, { serviceDate, departs }: NewRunRequest): Promise<string> {
  const base = `run-${serviceDate}-${departs.replace(':', '')}`;
  const rows = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM resource WHERE site_id = $1 AND kind = 'shuttle' AND (id = $2 OR id LIKE $3)`,
    [site.id, base, `${base}-%`],
  );
  const before = rows[0]?.count ?? 0;
  return before === 0 ? base : `${base}-${before + 1}`;
}

/** The run and its wheelchair place, made after one of the timetable, each with a schedule for its date only. */
async function writeRun(
  tx: Db,
  { site, catalogue }: Context,
  model: Resource,
  run: NewRunRequest & { runId: string; number: number },
): Promise<void> {
  const { stops, direction: ownWay } = factsOf(model);
  const facts: RunFacts = {
    run: run.number,
    lineId: run.lineId,
    direction: run.direction,
    stops: run.direction === ownWay ? [...stops] : mirrored(stops),
  };
  const { times } = runAround(model, run.serviceDate);
  const rule: RunTimes = { ...times, departs: run.departs, direction: run.direction };
  const name = { zh: `加开 ${run.number} 号班车`, en: `Extra shuttle run ${run.number}` };
  const place = catalogue.get(wheelchairPlaceOf(model.id));
  const parts = [
    { like: model, id: run.runId, parentId: null, name },
    ...(place
      ? [
          {
            like: place,
            id: wheelchairPlaceOf(run.runId),
            parentId: run.runId,
            name: { zh: `${name.zh} 轮椅位`, en: `${name.en}, wheelchair place` },
          },
        ]
      : []),
  ];
  for (const { like, id, parentId, name: own } of parts) {
    const { capacity, priceFen } = runAround(like, run.serviceDate).schedule;
    const { kind, organisationId } = like;
    await tx.orm
      .insert(resourceTable)
      .values({ siteId: site.id, id, kind, parentId, organisationId, name: own, facts, sort: sortOfExtras });
    await tx.orm.insert(scheduleTable).values({
      ...{ siteId: site.id, id, resourceId: id, basis: 'daily', capacity, priceFen, rule },
      ...{ validFrom: run.serviceDate, validTo: run.serviceDate },
    });
  }
}

async function publish(tx: Db, inside: Context, runId: string, date: IsoDate): Promise<void> {
  const { catalogue, calendar, site, now } = inside;
  const drafts = [runId, wheelchairPlaceOf(runId)].flatMap((id) => {
    const resource = catalogue.get(id);
    const schedule = resource?.schedules[0];
    if (!resource || !schedule) return [];
    const legs = legsOf(resource, schedule, { from: date, to: date }, calendar, site.timeZone);
    return legs.map((leg) => ({ ...leg, resourceId: id, kind: resource.kind }));
  });
  await publishSlots(tx, site.id, drafts, now);
}
