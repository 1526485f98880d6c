import { Hono } from 'hono';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { taggedResponse } from '../../../http/tagged-response.ts';
import { feedFile } from './feed-file.ts';

const zip = 'application/zip';

/** The timetables for map apps. */
export const staticRoutes = new Hono<AppEnv>().get(
  '/gtfs.zip',
  describe({
    summary: 'The timetables of the shuttles as a GTFS feed, for map apps (docs/gtfs.md)',
    tag: 'shuttle',
    access: 'anyone',
    answers: {},
    download: { what: 'A ZIP file by GTFS Schedule', types: [zip] },
  }),
  async (c) => {
    const { contextNow, config } = c.get('deps');
    const file = await feedFile(await contextNow(), config.origin ?? new URL(c.req.url).origin);
    return taggedResponse(c, { ...file, type: zip }, config.gtfs.feedSeconds);
  },
);
