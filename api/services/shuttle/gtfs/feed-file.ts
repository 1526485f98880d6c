import { hash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { dateOf, type IsoDate } from '../../../calendar/time.ts';
import type { Context, DateRange } from '../../service.ts';
import { csvOf, type Table } from './csv-table.ts';
import { linesOf } from './feed-lines.ts';
import { compact } from './service-days.ts';
import { originalLanguage, staticFeed, type FeedSource } from './static-feed.ts';

/** A file to be fetched, and the tag of exactly these bytes. */
export type TaggedBytes = { bytes: Uint8Array<ArrayBuffer>; tag: string };

/** The earliest time that a ZIP file can say; the same for every file, so that the same feed is the same bytes. */
const noTime = '1980-01-01T00:00:00';

/**
 * The feed of the site's timetables as a ZIP file. It covers this year and the next, so that its dates change once a year only. One query.
 */
export async function feedFile(context: Context, origin: string): Promise<TaggedBytes> {
  const { db, site, catalogue, calendar, now } = context;
  const lines = await linesOf(db, site.id);
  const dates = thisYearAndNext(dateOf(now, site.timeZone));
  return zipped({ site, lines, catalogue, calendar, dates, origin });
}

/** From the first of January to the last of next year's December. */
function thisYearAndNext(today: IsoDate): DateRange {
  const year = Number(today.slice(0, 4));
  return { from: `${year}-01-01`, to: `${year + 1}-12-31` };
}

/** The same source gives the same bytes, on whatever machine. */
export function zipped(source: FeedSource): TaggedBytes {
  const texts = Object.entries(staticFeed(source)).map(([name, table]) => [name, csvOf(table)] as const);
  const version = hash('sha256', JSON.stringify(texts)).slice(0, 16);
  const files = [...texts, ['feed_info.txt', csvOf(feedInfo(source, version))] as const];
  const bytes = zipSync(Object.fromEntries(files.map(([name, text]) => [name, strToU8(text)])), {
    mtime: noTime,
    level: 9,
  });
  return taggedBytes(bytes);
}

/** Bytes under a strong tag: other bytes, other tag. */
export const taggedBytes = (bytes: Uint8Array<ArrayBuffer>): TaggedBytes => ({
  bytes,
  tag: hash('sha256', bytes).slice(0, 32),
});

function feedInfo({ site, origin, dates }: FeedSource, version: string): Table {
  const columns = ['feed_publisher_name', 'feed_publisher_url', 'feed_lang', 'default_lang', 'feed_start_date'];
  return {
    columns: [...columns, 'feed_end_date', 'feed_version', 'feed_contact_url'],
    rows: [
      [
        ...[site.name.zh, origin, originalLanguage, originalLanguage],
        ...[compact(dates.from), compact(dates.to), version, origin],
      ],
    ],
  };
}
