import { validWithin } from '../../horizon.ts';
import type { Catalogue, DateRange, Resource, Schedule } from '../../service.ts';
import { runBy, wheelchairPlaceOf, type Run } from '../run-rules.ts';

/** A run by one version of the timetable: what the feed calls a trip. Its id is the schedule's, so that each version has its own. */
export type Trip = {
  id: string;
  runId: string;
  run: Run;
  hasWheelchairPlace: boolean;
  /** The dates within the feed's on which this version holds. */
  valid: DateRange;
};

/** The trips of the timetables that hold at some time within the dates, in the order of the catalogue. */
export function tripsWithin(catalogue: Catalogue, dates: DateRange): Trip[] {
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  return runs.flatMap((resource) =>
    resource.schedules.flatMap((schedule) => {
      const valid = validWithin(schedule, dates);
      return valid ? [tripOf(catalogue, resource, schedule, valid)] : [];
    }),
  );
}

function tripOf(catalogue: Catalogue, resource: Resource, schedule: Schedule, valid: DateRange): Trip {
  const run = runBy(resource, schedule);
  const places = catalogue.get(wheelchairPlaceOf(resource.id))?.schedules ?? [];
  const hasWheelchairPlace = places.some((place) => place.capacity > 0 && validWithin(place, valid) !== null);
  return { id: schedule.id, runId: resource.id, run, hasWheelchairPlace, valid };
}
