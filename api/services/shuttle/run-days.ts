import { runDayChange } from '../../../db/schema/index.ts';
import { dateOf, localTimeOf, toText, type IsoDate } from '../../calendar/time.ts';

import { slotsOfResources } from '../../engine/find-slots.ts';
import type { Slot } from '../../engine/types.ts';
import { and, asc, eq, inArray, isNull } from '../../../db/orm.ts';
import type { Context, Resource } from '../service.ts';
import {
  directionOf,
  factsOf,
  legsBetween,
  titleOf,
  wheelchairPlaceOf,
  type Direction,
  type LegFacts,
  type RunStop,
} from './run-rules.ts';
import type { RunDayAnswer } from './schemas.ts';

export type RunDayChange = typeof runDayChange.$inferSelect;

/** A run on one date, as its slots say. */
export type RunDay = {
  resource: Resource;
  serviceDate: IsoDate;
  direction: Direction;
  /** Every leg closed: it does not run. */
  isCancelled: boolean;
  /** In the order of the run. */
  legs: Slot[];
  /** The same legs of the wheelchair place; empty when it has none. */
  wheelchairLegs: Slot[];
  /** One more than there are legs; what the run knows of each. */
  stops: Pick<RunStop, 'stopId' | 'name' | 'lat' | 'lng'>[];
  /** The latest change for the date that was not taken back. */
  change: RunDayChange | null;
};

/**
 * The runs of a line, or of all, on some dates, in order of departure; those that are cancelled too. Two queries, whatever the number.
 * Indexes: slot_once_per_part, run_day_change_by_date.
 */
export async function runDaysOn(
  context: Context,
  dates: readonly IsoDate[],
  lineId: string | null = null,
): Promise<RunDay[]> {
  const { db, site, catalogue } = context;
  const runs = [...catalogue.values()].filter(
    (resource) => resource.kind === 'shuttle' && (lineId === null || factsOf(resource).lineId === lineId),
  );
  const ids = runs.flatMap(({ id }) => [id, wheelchairPlaceOf(id)]);
  const [slots, changes] = await Promise.all([
    slotsOfResources(db, site.id, ids, dates),
    db.orm
      .select()
      .from(runDayChange)
      .where(
        and(
          eq(runDayChange.siteId, site.id),
          inArray(runDayChange.serviceDate, [...dates]),
          isNull(runDayChange.undoneAt),
        ),
      )
      .orderBy(asc(runDayChange.at), asc(runDayChange.id)),
  ]);
  const keyOf = (resourceId: string, date: IsoDate) => `${date} ${resourceId}`;
  const legsOfRun = Map.groupBy(slots, ({ resourceId, serviceDate }) => keyOf(resourceId, serviceDate));
  const changeOfRun = new Map(changes.map((change) => [keyOf(change.runId, change.serviceDate), change]));
  return dates
    .flatMap((date) => runs.map((resource) => ({ resource, date, legs: legsOfRun.get(keyOf(resource.id, date)) })))
    .flatMap(({ resource, date, legs }) =>
      legs
        ? runDay(resource, date, legs, {
            wheelchairLegs: legsOfRun.get(keyOf(wheelchairPlaceOf(resource.id), date)) ?? [],
            change: changeOfRun.get(keyOf(resource.id, date)) ?? null,
          })
        : [],
    )
    .toSorted((a, b) => (a.legs[0]?.startsAt ?? 0) - (b.legs[0]?.startsAt ?? 0));
}

function runDay(
  resource: Resource,
  serviceDate: IsoDate,
  legs: Slot[],
  rest: Pick<RunDay, 'wheelchairLegs' | 'change'>,
): RunDay {
  const { stops } = factsOf(resource);
  const ends = legs.map(({ facts }) => facts as LegFacts);
  const ids = [...ends.map(({ fromStopId }) => fromStopId), ends.at(-1)?.toStopId ?? ''];
  return {
    resource,
    serviceDate,
    direction: directionOf(resource, legs),
    isCancelled: legs.every(({ state }) => state === 'closed'),
    legs,
    stops: ids.flatMap((id) => stops.find(({ stopId }) => stopId === id) ?? []),
    ...rest,
  };
}

/** A run's day as the API shows it. */
export function presentRunDay({ site }: Pick<Context, 'site'>, day: RunDay): RunDayAnswer {
  const { resource, legs, wheelchairLegs, stops, change } = day;
  const text = (instant: number) => toText(instant, site.timeZone);
  const [first, last] = [legs[0], legs.at(-1)];
  if (!first || !last) throw new Error(`run ${resource.id} has no legs on ${day.serviceDate}`);
  const facts = factsOf(resource);
  return {
    runId: resource.id,
    run: facts.run,
    lineId: facts.lineId,
    title: titleOf(localTimeOf(first.startsAt, site.timeZone), day.direction),
    serviceDate: day.serviceDate,
    state: day.isCancelled ? 'cancelled' : 'running',
    direction: day.direction,
    departsAt: text(first.startsAt),
    arrivesAt: text(last.endsAt),
    priceFen: first.priceFen,
    currency: site.currency,
    provisional: legs.some(({ isProvisional }) => isProvisional),
    stops: stops.map(({ stopId, name, lat, lng }, index) => {
      const leg = legs[index];
      return {
        ...{ stopId, name, lat, lng },
        at: text(leg?.startsAt ?? last.endsAt),
        opensAt: leg ? text(leg.opensAt) : null,
        closesAt: leg ? text(leg.closesAt) : null,
        cancellableUntil: leg ? text(leg.cancelUntil) : null,
      };
    }),
    legs: legs.map((leg, index) => {
      const place = wheelchairLegs[index];
      return {
        slotId: String(leg.id),
        ...(leg.facts as LegFacts),
        capacity: leg.capacity,
        remaining: leg.capacity - leg.taken,
        closed: leg.state === 'closed',
        wheelchairCapacity: place?.capacity ?? 0,
        wheelchairRemaining: place ? place.capacity - place.taken : 0,
      };
    }),
    change: change && {
      kind: change.kind,
      reason: change.reason,
      at: text(change.at),
      departsBefore: change.departsBefore,
      directionBefore: change.directionBefore,
    },
  };
}

/** A run's day for somebody who rides from stop to stop, with their times and seats; nothing when it does not go that way. */
export function withRide(
  context: Pick<Context, 'site'>,
  day: RunDay,
  { from, to }: { from: string; to: string },
): RunDayAnswer[] {
  const legs = legsBetween(day.legs, from, to);
  const [first, last] = typeof legs === 'string' ? [] : [legs[0], legs.at(-1)];
  if (typeof legs === 'string' || !first || !last) return [];
  const text = (instant: number) => toText(instant, context.site.timeZone);
  const remaining = Math.min(...legs.map(({ capacity, taken }) => capacity - taken));
  const ride = { boardsAt: text(first.startsAt), alightsAt: text(last.endsAt), remaining };
  return [{ ...presentRunDay(context, day), ride }];
}

/** The present date of the site. */
export const todayOf = ({ now, site }: Pick<Context, 'now' | 'site'>): IsoDate => dateOf(now, site.timeZone);
