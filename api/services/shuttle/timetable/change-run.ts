import { newId } from '../../../new-id.ts';
import type { Db } from '../../../../db/db.ts';
import { instantOf, localTimeOf, type IsoDate, type LocalTime } from '../../../calendar/time.ts';
import type { Once } from '../../../engine/once.ts';
import type { Caller } from '../../../people/caller.ts';
import type { Context } from '../../service.ts';
import { presentRunDay, runDaysOn, type RunDay } from '../run-days.ts';
import { factsOf, type Direction } from '../run-rules.ts';
import type { RunDayAnswer } from '../schemas.ts';
import { reshapeRuns, type RunEffects } from './reshape-runs.ts';
import { keepRunChange } from './run-change-rows.ts';
import type { RunDayTarget } from './run-shapes.ts';
import { command, notThere, refuseBy, takeLine, type Call, type Line, type Refused } from './timetable-command.ts';
import { departureWithoutBus } from './vehicle-cycle.ts';

/** What a dispatcher wants of a run on one date. `departs` is a local time; a flip may come with another one. */
export type RunChangeRequest = {
  runId: string;
  date: IsoDate;
  reason: string;
} & (
  { kind: 'cancelled' } | { kind: 'retimed'; departs: LocalTime } | { kind: 'flipped'; departs?: LocalTime | undefined }
);

/** A change of a run's day that was made, or would be made just so. */
export type RunChanged = {
  changeId: string;
  runId: string;
  before: RunDayAnswer | null;
  /** Null when it is not there any more: an added run that was taken back. */
  after: RunDayAnswer | null;
} & RunEffects;

/**
 * Changes a run for one date: cancels it, gives it another departure or lets it go the other way, with the engine's plan for its riders.
 * Who cannot go along is offered the nearest other run; a ride that the operator ends is never a no-show (domain.md, Tidal shuttles).
 */
export function changeRunDay(
  context: Context,
  caller: Caller,
  request: RunChangeRequest,
  call: Call,
): Promise<Once<RunChanged> | Refused> {
  return command(context, call, async (tx: Db) => {
    const { runId, date, reason } = request;
    const lineId = lineOf(context, runId);
    const { line, actorRole, inside } = await takeLine(tx, context, caller, lineId);
    const days = await runDaysOn(inside, [date], lineId);
    const day = days.find(({ resource }) => resource.id === runId) ?? refuseBy('not-running');
    if (day.isCancelled) refuseBy('run-cancelled');
    if (departureOf(day) <= context.now) refuseBy('run-departed');
    const target = targetOf(inside, day, request);
    if (request.kind !== 'cancelled') mindTheBus(inside, line, days, target);
    const changeId = newId();
    const by = { changeId, reason, actorId: caller.personId, actorRole };
    const { expectedTag } = call;
    const effects = await reshapeRuns(tx, inside, [target], { ...by, expectedTag, mayDisplace: true, giveBack: [] });
    const { moved, displaced, leftQueue } = effects;
    await keepRunChange(tx, inside.site.id, {
      ...{ id: changeId, runId, serviceDate: date, kind: request.kind, reason, at: context.now },
      ...{ actorId: by.actorId, actorRole: by.actorRole, receipt: { moved, displaced, leftQueue } },
      departsBefore: departsOf(inside, day),
      directionBefore: day.direction,
      departsAfter: request.kind === 'cancelled' ? null : target.departs,
      directionAfter: request.kind === 'cancelled' ? null : target.direction,
    });
    return {
      changeId,
      runId,
      before: presentRunDay(inside, day),
      after: await dayNow(inside, runId, date),
      ...effects,
    };
  });
}

/** The line of a run. @throws Refusing when there is no such run */
export function lineOf({ catalogue }: Context, runId: string): string {
  const resource = catalogue.get(runId);
  return resource?.kind === 'shuttle' ? factsOf(resource).lineId : notThere();
}

/** When a run leaves its first stop on a date. */
export const departureOf = ({ legs }: RunDay): number => legs[0]?.startsAt ?? 0;

/** The same as local time. */
export const departsOf = ({ site }: Pick<Context, 'site'>, day: RunDay): LocalTime =>
  localTimeOf(departureOf(day), site.timeZone);

/** A run's day as the API shows it at this moment of the transaction; null when it is not there. */
export async function dayNow(inside: Context, runId: string, date: IsoDate): Promise<RunDayAnswer | null> {
  const days = await runDaysOn(inside, [date]);
  const day = days.find(({ resource }) => resource.id === runId);
  return day ? presentRunDay(inside, day) : null;
}

/** Refuses a departure that has passed, or for which no bus is back. `days` are those of the line on that date. @throws Refusing */
export function mindTheBus(
  { now, site }: Pick<Context, 'now' | 'site'>,
  line: Line,
  days: readonly RunDay[],
  { runId, date, departs }: Pick<RunDayTarget, 'runId' | 'date' | 'departs'>,
): void {
  const departure = instantOf(date, departs, site.timeZone);
  if (departure <= now) refuseBy('departs-too-soon');
  const others = days.filter(({ resource, isCancelled }) => resource.id !== runId && !isCancelled);
  if (departureWithoutBus([...others.map(departureOf), departure], line) !== null) refuseBy('vehicle-busy');
}

function targetOf(inside: Context, day: RunDay, request: RunChangeRequest): RunDayTarget {
  const departs = departsOf(inside, day);
  const asNow = { runId: request.runId, date: request.date, departs, direction: day.direction };
  switch (request.kind) {
    case 'cancelled':
      return { ...asNow, closing: { reason: request.reason } };
    case 'retimed':
      if (request.departs === departs) refuseBy('nothing-changes');
      return { ...asNow, departs: request.departs, closing: 'keep' };
    case 'flipped':
      return { ...asNow, departs: request.departs ?? departs, direction: opposite(day.direction), closing: 'keep' };
  }
}

const opposite = (direction: Direction): Direction => (direction === 'inbound' ? 'outbound' : 'inbound');
