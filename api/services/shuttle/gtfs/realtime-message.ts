import type { Instant } from '../../../calendar/time.ts';

/*
 * What this service says of GTFS-Realtime 2.0 (https://gtfs.org/documentation/realtime/reference/), in the names of its protocol buffers'
 * JSON form. Times are seconds since 1970.
 */

/** Which trip is meant. One that is `ADDED` is in no static feed. */
export type TripDescriptor = {
  tripId: string;
  routeId: string;
  startDate: string;
  startTime?: string;
  directionId?: 0 | 1;
  scheduleRelationship: 'SCHEDULED' | 'ADDED' | 'CANCELED';
};

/** How full a bus is; what stands between these two ends GTFS leaves to who publishes it. */
export type OccupancyStatus = 'EMPTY' | 'MANY_SEATS_AVAILABLE' | 'FEW_SEATS_AVAILABLE' | 'FULL';

export type StopTimeUpdate = {
  stopSequence: number;
  stopId: string;
  arrival?: { time: number };
  departure?: { time: number };
  /** `NO_DATA`: the timetable holds as far as anybody knows. */
  scheduleRelationship: 'SCHEDULED' | 'NO_DATA';
  departureOccupancyStatus?: OccupancyStatus;
};

export type TripUpdate = { trip: TripDescriptor; stopTimeUpdate?: StopTimeUpdate[] };

export type VehiclePosition = {
  trip: TripDescriptor;
  vehicle: { id: string; label: string };
  position?: { latitude: number; longitude: number; bearing?: number; speed?: number };
  timestamp?: number;
  occupancyStatus: OccupancyStatus;
  occupancyPercentage: number;
};

export type EntitySelector = { routeId: string; trip?: { tripId: string; startDate?: string }; stopId?: string };

export type TranslatedString = { translation: { text: string; language: string }[] };

export type Alert = {
  activePeriod: { start: number; end?: number }[];
  informedEntity: EntitySelector[];
  cause: string;
  effect: string;
  headerText: TranslatedString;
  descriptionText?: TranslatedString;
};

export type FeedEntity = { id: string; tripUpdate?: TripUpdate; vehicle?: VehiclePosition; alert?: Alert };

export type FeedMessage = {
  header: { gtfsRealtimeVersion: '2.0'; incrementality: 'FULL_DATASET'; timestamp: number };
  entity: FeedEntity[];
};

/** An instant as GTFS-Realtime has it. */
export const secondsOf = (instant: Instant): number => Math.floor(instant / 1000);

/**
 * All that is true now. The time that it says goes on in steps, so that within one the same content is the same bytes; it is never before
 * that of a position.
 */
export function feedMessage(entity: FeedEntity[], now: Instant, stepSeconds: number): FeedMessage {
  const step = Math.floor(secondsOf(now) / stepSeconds) * stepSeconds;
  const timestamp = Math.max(step, ...entity.map(({ vehicle }) => vehicle?.timestamp ?? 0));
  return { header: { gtfsRealtimeVersion: '2.0', incrementality: 'FULL_DATASET', timestamp }, entity };
}
