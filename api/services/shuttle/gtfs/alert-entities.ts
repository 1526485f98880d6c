import { dateOf } from '../../../calendar/time.ts';
import type { Context } from '../../service.ts';
import { alertsFrom, type KeptAlert } from './alert-rows.ts';
import { comingTrips, type DayTrip } from './day-trips.ts';
import { tripsWithin } from './planned-trips.ts';
import {
  secondsOf,
  type Alert,
  type EntitySelector,
  type FeedEntity,
  type TranslatedString,
} from './realtime-message.ts';
import { compact } from './service-days.ts';

/**
 * What riders should know of, now and in the time for which seats are sold: runs that are cancelled, by themselves, and what the dispatchers
 * tell. Two queries.
 */
export async function alertEntities(context: Context): Promise<FeedEntity[]> {
  const [trips, alerts] = await Promise.all([
    comingTrips(context),
    alertsFrom(context.db, context.site.id, context.now),
  ]);
  return [
    ...trips.flatMap(cancellation),
    ...alerts.map((alert) => ({ id: `alert:${alert.id}`, alert: told(context, alert) })),
  ];
}

/** Of a run that is in the static feed and does not go; when somebody added it and took it back, there is nothing to tell. */
function cancellation({ resource, date, legs, planned, isCancelled }: DayTrip): FeedEntity[] {
  const [first, last] = [legs[0], legs.at(-1)];
  if (!planned || !isCancelled || !first || !last) return [];
  const { lineId, times } = planned.run;
  const reason = first.closedReason;
  const alert: Alert = {
    activePeriod: [{ start: secondsOf(first.opensAt), end: secondsOf(last.endsAt) }],
    informedEntity: [{ routeId: lineId, trip: { tripId: planned.id, startDate: compact(date) } }],
    ...{ cause: 'OTHER_CAUSE', effect: 'NO_SERVICE' },
    headerText: inBoth({
      zh: `${date} ${times.departs} 班车取消`,
      en: `${times.departs} shuttle of ${date} cancelled`,
    }),
    // A reason is in the words of who gave it.
    ...(reason !== null && { descriptionText: { translation: [{ text: reason, language: 'zh' }] } }),
  };
  return [{ id: `cancelled:${resource.id}:${date}`, alert }];
}

function told(context: Context, alert: KeptAlert): Alert {
  const { cause, effect, title, text, startsAt, endsAt } = alert;
  return {
    activePeriod: [{ start: secondsOf(startsAt), ...(endsAt !== null && { end: secondsOf(endsAt) }) }],
    informedEntity: concerned(context, alert),
    cause: cause === 'other' ? 'OTHER_CAUSE' : nameOf(cause),
    effect: effect === 'other' ? 'OTHER_EFFECT' : nameOf(effect),
    headerText: inBoth(title),
    ...(text && { descriptionText: inBoth(text) }),
  };
}

/** The trips of its runs in that time, at its stops: all of the line where it names none. */
function concerned({ catalogue, site }: Context, alert: KeptAlert): EntitySelector[] {
  const { lineId: routeId, runIds, stopIds, startsAt, endsAt } = alert;
  const from = dateOf(startsAt, site.timeZone);
  const dates = { from, to: endsAt === null ? lastDate : dateOf(endsAt, site.timeZone) };
  const trips = runIds.length === 0 ? [] : tripsWithin(catalogue, dates).filter(({ runId }) => runIds.includes(runId));
  const ofTrips = trips.length === 0 ? [{}] : trips.map(({ id }) => ({ trip: { tripId: id } }));
  const atStops = stopIds.length === 0 ? [{}] : stopIds.map((stopId) => ({ stopId }));
  return ofTrips.flatMap((trip) => atStops.map((stop) => ({ routeId, ...trip, ...stop })));
}

/** Beyond every timetable. */
const lastDate = '2199-12-31';

/** `technical-problem` is `TECHNICAL_PROBLEM` there. */
const nameOf = (word: string): string => word.toUpperCase().replaceAll('-', '_');

const inBoth = ({ zh, en }: { zh: string; en: string }): TranslatedString => ({
  translation: [
    { text: zh, language: 'zh' },
    { text: en, language: 'en' },
  ],
});
