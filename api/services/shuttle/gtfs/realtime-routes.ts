import { Hono, type Context as HonoContext } from 'hono';
import { accepts } from 'hono/accepts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { taggedResponse } from '../../../http/tagged-response.ts';
import type { Context } from '../../service.ts';
import { alertEntities } from './alert-entities.ts';
import { taggedBytes } from './feed-file.ts';
import { feedMessage, type FeedEntity } from './realtime-message.ts';
import { protobufOf } from './realtime-protobuf.ts';
import { tripUpdates } from './trip-updates.ts';
import { vehiclePositions } from './vehicle-positions.ts';

const [protobuf, json] = ['application/x-protobuf', 'application/json'];

const described = (summary: string) =>
  describe({
    summary,
    tag: 'shuttle',
    access: 'anyone',
    answers: {},
    download: { what: 'GTFS-Realtime 2.0: protocol buffers, or JSON for who accepts that', types: [protobuf, json] },
  });

/** What is true of the shuttles now, for map apps; ids are those of the static feed. */
export const realtimeRoutes = new Hono<AppEnv>()
  .get('/gtfs-rt/trip-updates.pb', described('Trips that are retimed, cancelled or added, by GTFS-Realtime'), (c) =>
    answered(c, tripUpdates),
  )
  .get('/gtfs-rt/vehicle-positions.pb', described('Where the buses are and how full, by GTFS-Realtime'), (c) =>
    answered(c, (context) => vehiclePositions(context, c.get('deps').config.gtfs.positionStaleSeconds)),
  )
  .get('/gtfs-rt/alerts.pb', described('Cancelled runs and what the dispatchers tell riders, by GTFS-Realtime'), (c) =>
    answered(c, alertEntities),
  );

async function answered(
  c: HonoContext<AppEnv>,
  entitiesOf: (context: Context) => Promise<FeedEntity[]>,
): Promise<Response> {
  const { contextNow, config } = c.get('deps');
  const context = await contextNow();
  const { realtimeSeconds } = config.gtfs;
  const feed = feedMessage(await entitiesOf(context), context.now, realtimeSeconds);
  const type = accepts(c, { header: 'Accept', supports: [protobuf, json], default: protobuf });
  const bytes = type === json ? new TextEncoder().encode(JSON.stringify(feed)) : protobufOf(feed);
  return taggedResponse(c, { ...taggedBytes(bytes), type }, realtimeSeconds);
}
