import type { IsoDate, LocalTime } from '../../../calendar/time.ts';
import type { Remade } from '../../../engine/decide-moves.ts';
import type { Remakable, Shape } from '../../../engine/reshape-slots.ts';
import type { Slot } from '../../../engine/types.ts';
import { spanOf } from '../../drafting.ts';
import type { Context, PublishedSlot, Resource } from '../../service.ts';
import type { RideDetails } from '../draft-seats.ts';
import {
  factsOf,
  legsOn,
  mirrored,
  runAround,
  titleOf,
  wheelchairPlaceOf,
  type Direction,
  type LegFacts,
} from '../run-rules.ts';

/** How a run shall go on a date. */
export type RunDayTarget = {
  runId: string;
  date: IsoDate;
  departs: LocalTime;
  direction: Direction;
  /** Closed for a reason that riders read; opened again; or as it is. */
  closing: { reason: string } | 'open' | 'keep';
};

/** Some runs of some dates as they shall be: what that makes of their slots, and of who has them. Pure. */
export function runShapes({ catalogue, site }: Pick<Context, 'catalogue' | 'site'>, targets: readonly RunDayTarget[]) {
  const targetOf = new Map(
    targets.flatMap((target) =>
      [target.runId, wheelchairPlaceOf(target.runId)].map((id) => [keyOf(id, target.date), target] as const),
    ),
  );

  const legs = new Map<string, PublishedSlot[]>();
  const legOf = ({ id, resourceId, serviceDate, part }: Slot, target: RunDayTarget): PublishedSlot => {
    const key = keyOf(resourceId, serviceDate);
    const known = legs.get(key) ?? legsAs(catalogue.get(resourceId), target, site.timeZone);
    legs.set(key, known);
    const leg = known.find((each) => each.part === part);
    if (!leg) throw new Error(`slot ${id} is no leg of its run`);
    return leg;
  };

  return {
    /** @throws when it is none of their slots. */
    shapeOf: (slot: Slot): Shape => {
      const target = targetOf.get(keyOf(slot.resourceId, slot.serviceDate));
      if (!target) throw new Error(`slot ${slot.id} is none of a run that changes`);
      const leg = legOf(slot, target);
      // Its price and what is said of the date stay.
      const terms = isAs(slot, leg) ? null : { ...leg, priceFen: slot.priceFen, isProvisional: slot.isProvisional };
      return { terms, target: closingOf(slot, target) };
    },
    has: (slot: Slot): boolean => targetOf.has(keyOf(slot.resourceId, slot.serviceDate)),
    /** A ride that is still there moves along: from the same stop to the same stop on the same run. Its price stays. */
    remake: (ride: Remakable, slots: ReadonlyMap<number, Slot>): Remade | null => {
      const details = ride.details as RideDetails;
      const legs = ride.lines.flatMap(({ slotId }) => slots.get(slotId) ?? []);
      if (legs.length < ride.lines.length || !isServed(details, legs)) return null;
      const span = spanOf(legs.toSorted((a, b) => a.startsAt - b.startsAt));
      const target = targetOf.get(keyOf(details.runId, span.serviceDate));
      return {
        startsAt: span.startsAt,
        endsAt: span.endsAt,
        isProvisional: span.isProvisional,
        // Who did not choose this time may give the ride back for nothing until it begins.
        cancelUntil: ride.state === 'confirmed' ? span.startsAt : span.cancelUntil,
        claims: ride.claims.map((claim) =>
          claim.scope === 'ride' ? { ...claim, during: { startsAt: span.startsAt, endsAt: span.endsAt } } : claim,
        ),
        details: target
          ? { ...details, direction: target.direction, title: titleOf(target.departs, target.direction) }
          : details,
      };
    },
  };
}

const keyOf = (resourceId: string, date: IsoDate): string => `${date} ${resourceId}`;

/** The legs of a run, or of its wheelchair place, as they shall be. */
function legsAs(resource: Resource | undefined, target: RunDayTarget, zone: string): PublishedSlot[] {
  if (!resource) return [];
  const { direction, stops } = factsOf(resource);
  const { times, schedule } = runAround(resource, target.date);
  const way = {
    stops: target.direction === direction ? stops : mirrored(stops),
    times: { ...times, departs: target.departs },
    schedule,
  };
  return legsOn(way, target.date, false, zone);
}

const isAs = (slot: Slot, leg: Pick<Slot, 'startsAt' | 'endsAt' | 'closesAt' | 'cancelUntil' | 'facts'>): boolean =>
  slot.startsAt === leg.startsAt &&
  slot.endsAt === leg.endsAt &&
  slot.closesAt === leg.closesAt &&
  slot.cancelUntil === leg.cancelUntil &&
  (slot.facts as LegFacts).fromStopId === (leg.facts as LegFacts).fromStopId &&
  (slot.facts as LegFacts).toStopId === (leg.facts as LegFacts).toStopId;

function closingOf({ capacity, state, closedReason }: Slot, { closing }: RunDayTarget): Shape['target'] {
  if (closing === 'keep') return { capacity, state, closedReason };
  if (closing === 'open') return { capacity, state: 'active', closedReason: null };
  return { capacity, state: 'closed', closedReason: closing.reason };
}

/** Whether legs still go from where somebody boards to where they alight; seats and wheelchair place each by themselves. */
function isServed({ boardStop, alightStop }: RideDetails, legs: readonly Slot[]): boolean {
  if (legs.some(({ state }) => state === 'closed')) return false;
  return [...Map.groupBy(legs, ({ resourceId }) => resourceId).values()].every((own) => {
    const inOrder = own.toSorted((a, b) => a.startsAt - b.startsAt).map(({ facts }) => facts as LegFacts);
    return inOrder[0]?.fromStopId === boardStop.stopId && inOrder.at(-1)?.toStopId === alightStop.stopId;
  });
}
