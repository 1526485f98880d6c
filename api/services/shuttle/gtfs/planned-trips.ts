import { localTimeAfter, type IsoDate, type LocalTime } from '../../../calendar/time.ts';
import { runsOn, type WorkingDays } from '../../../calendar/working-days.ts';
import { validWithin } from '../../horizon.ts';
import type { Catalogue, DateRange, Resource, Schedule } from '../../service.ts';
import { runBy, wheelchairPlaceOf, type Run } from '../run-rules.ts';
import { isExtra } from '../timetable/timetable-command.ts';

/** A run by one version of the timetable: what the feed calls a trip. Its id is the schedule's, so that each version has its own. */
export type Trip = {
  id: string;
  runId: string;
  run: Run;
  hasWheelchairPlace: boolean;
  /** The dates within the feed's on which this version holds. */
  valid: DateRange;
};

/** The trips of the timetables that hold at some time within the dates, in the order of the catalogue; none that was added for a day. */
export function tripsWithin(catalogue: Catalogue, dates: DateRange): Trip[] {
  const runs = [...catalogue.values()].filter((resource) => resource.kind === 'shuttle' && !isExtra(resource));
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

/** The trip that the feed has for a run on a date; null when it does not go then by the timetable and the calendar. */
export function plannedTrip(
  catalogue: Catalogue,
  calendar: WorkingDays,
  resource: Resource,
  date: IsoDate,
): Trip | null {
  const day = { from: date, to: date };
  const schedule = resource.schedules.find((version) => validWithin(version, day) !== null);
  if (!schedule || isExtra(resource) || !runsOn(schedule.basis, date, calendar)) return null;
  return tripOf(catalogue, resource, schedule, day);
}

/** The wall times at a trip's stops, in order. */
export const timesOf = ({ run }: Trip): LocalTime[] =>
  run.stops.map(({ offsetMinutes }) => localTimeAfter(run.times.departs, offsetMinutes));
