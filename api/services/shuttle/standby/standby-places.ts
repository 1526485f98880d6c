import { localTimeOf, toText } from '../../../calendar/time.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import type { Slot } from '../../../engine/types.ts';
import type { Context, Resource } from '../../service.ts';
import { directionOf, factsOf, titleOf, type LegFacts } from '../run-rules.ts';
import { releaseAt } from './release-unscanned.ts';
import type { StandbyAnswer } from './standby-schemas.ts';
import type { StandingPlace } from './standby-rows.ts';

/** Places as the API shows them; one query for the runs of all. A run that is not offered any more is left out. */
export async function presentPlaces(context: Context, places: readonly StandingPlace[]): Promise<StandbyAnswer[]> {
  const { db, site, catalogue } = context;
  const runIds = [...new Set(places.map(({ runId }) => runId))];
  const dates = [...new Set(places.map(({ serviceDate }) => serviceDate))];
  const slots = places.length === 0 ? [] : await slotsOfResources(db, site.id, runIds, dates);
  const legsOf = Map.groupBy(slots, ({ resourceId, serviceDate }) => `${serviceDate} ${resourceId}`);
  return places.flatMap((place) => {
    const run = catalogue.get(place.runId);
    return run ? [presentPlace(context, place, run, legsOf.get(`${place.serviceDate} ${place.runId}`) ?? [])] : [];
  });
}

function presentPlace({ site }: Context, place: StandingPlace, run: Resource, legs: readonly Slot[]): StandbyAnswer {
  const stop = (stopId: string) => {
    const name = factsOf(run).stops.find((known) => known.stopId === stopId)?.name;
    return { stopId, name: name ?? { zh: stopId, en: stopId } };
  };
  const [first] = legs;
  const own = legs.find(({ facts }) => (facts as LegFacts).fromStopId === place.boardStopId);
  const decidedAt = own ? releaseAt(run, own) : null;
  const text = (instant: number | null) => (instant === null ? null : toText(instant, site.timeZone));
  return {
    id: String(place.id),
    runId: run.id,
    title: first ? titleOf(localTimeOf(first.startsAt, site.timeZone), directionOf(run, legs)) : run.name,
    serviceDate: place.serviceDate,
    boardStop: stop(place.boardStopId),
    alightStop: stop(place.alightStopId),
    seats: place.seats,
    state: place.state,
    position: place.position,
    waiting: place.waiting,
    joinedAt: toText(place.joinedAt, site.timeZone),
    decidedAt: text(decidedAt),
    departsAt: text(own?.startsAt ?? null),
    bookingId: place.bookingId,
  };
}
