import { PbfWriter } from 'pbf';
import type { FeedMessage } from './realtime-message.ts';

type Values = Readonly<Record<string, number>>;
/** A field of a message: its number, and what it holds. */
type Field =
  | readonly [number, 'text' | 'whole' | 'float']
  | readonly [number, 'one-of', Values]
  | readonly [number, 'message', Fields];
type Fields = Readonly<Record<string, Field>>;

const causes = {
  ...{ UNKNOWN_CAUSE: 1, OTHER_CAUSE: 2, TECHNICAL_PROBLEM: 3, STRIKE: 4, DEMONSTRATION: 5, ACCIDENT: 6, HOLIDAY: 7 },
  ...{ WEATHER: 8, MAINTENANCE: 9, CONSTRUCTION: 10, POLICE_ACTIVITY: 11, MEDICAL_EMERGENCY: 12, SPECIAL_EVENT: 13 },
};
const effects = {
  ...{
    NO_SERVICE: 1,
    REDUCED_SERVICE: 2,
    SIGNIFICANT_DELAYS: 3,
    DETOUR: 4,
    ADDITIONAL_SERVICE: 5,
    MODIFIED_SERVICE: 6,
  },
  ...{ OTHER_EFFECT: 7, UNKNOWN_EFFECT: 8, STOP_MOVED: 9, NO_EFFECT: 10, ACCESSIBILITY_ISSUE: 11 },
};
const occupancy = { EMPTY: 0, MANY_SEATS_AVAILABLE: 1, FEW_SEATS_AVAILABLE: 2, FULL: 5 };

const translated: Fields = { translation: [1, 'message', { text: [1, 'text'], language: [2, 'text'] }] };
const trip: Fields = {
  tripId: [1, 'text'],
  startTime: [2, 'text'],
  startDate: [3, 'text'],
  scheduleRelationship: [4, 'one-of', { SCHEDULED: 0, ADDED: 1, CANCELED: 3 }],
  routeId: [5, 'text'],
  directionId: [6, 'whole'],
};
const event: Fields = { time: [2, 'whole'] };
const tripUpdate: Fields = {
  trip: [1, 'message', trip],
  stopTimeUpdate: [
    2,
    'message',
    {
      stopSequence: [1, 'whole'],
      arrival: [2, 'message', event],
      departure: [3, 'message', event],
      stopId: [4, 'text'],
      scheduleRelationship: [5, 'one-of', { SCHEDULED: 0, SKIPPED: 1, NO_DATA: 2 }],
      departureOccupancyStatus: [7, 'one-of', occupancy],
    },
  ],
};
const vehicle: Fields = {
  trip: [1, 'message', trip],
  position: [
    2,
    'message',
    { latitude: [1, 'float'], longitude: [2, 'float'], bearing: [3, 'float'], speed: [5, 'float'] },
  ],
  timestamp: [5, 'whole'],
  vehicle: [8, 'message', { id: [1, 'text'], label: [2, 'text'] }],
  occupancyStatus: [9, 'one-of', occupancy],
  occupancyPercentage: [10, 'whole'],
};
const alert: Fields = {
  activePeriod: [1, 'message', { start: [1, 'whole'], end: [2, 'whole'] }],
  informedEntity: [5, 'message', { routeId: [2, 'text'], trip: [4, 'message', trip], stopId: [5, 'text'] }],
  cause: [6, 'one-of', causes],
  effect: [7, 'one-of', effects],
  headerText: [10, 'message', translated],
  descriptionText: [11, 'message', translated],
};
/** The numbers of gtfs-realtime.proto, of what this service says. */
const message: Fields = {
  header: [
    1,
    'message',
    {
      gtfsRealtimeVersion: [1, 'text'],
      incrementality: [2, 'one-of', { FULL_DATASET: 0, DIFFERENTIAL: 1 }],
      timestamp: [3, 'whole'],
    },
  ],
  entity: [
    2,
    'message',
    {
      id: [1, 'text'],
      tripUpdate: [3, 'message', tripUpdate],
      vehicle: [4, 'message', vehicle],
      alert: [5, 'message', alert],
    },
  ],
};

/** A feed as protocol buffers. @throws for a name that its messages have not. */
export function protobufOf(feed: FeedMessage): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writeFields(feed, message, writer);
  return new Uint8Array(writer.finish());
}

function writeFields(value: object, fields: Fields, writer: PbfWriter): void {
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    const field = fields[name];
    if (!field) throw new Error(`GTFS-Realtime has no ${name} here`);
    for (const one of Array.isArray(inner) ? (inner as unknown[]) : [inner]) writeField(one, field, writer);
  }
}

function writeField(value: unknown, field: Field, writer: PbfWriter): void {
  const [number, kind] = field;
  switch (kind) {
    case 'text':
      return writer.writeStringField(number, value as string);
    case 'whole':
      return writer.writeVarintField(number, value as number);
    case 'float':
      return writer.writeFloatField(number, value as number);
    case 'one-of': {
      const known = field[2][value as string];
      if (known === undefined) throw new Error(`GTFS-Realtime has no ${String(value)}`);
      return writer.writeVarintField(number, known);
    }
    case 'message': {
      const inner = field[2];
      return writer.writeMessage(number, (one: object, within) => writeFields(one, inner, within), value as object);
    }
  }
}
