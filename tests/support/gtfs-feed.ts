import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getCalendarDates, getServiceIdsByDate, getStoptimes, getTrips, importGtfs, type ImportReport } from 'gtfs';
import type { TestSite } from './site.ts';

/** Fetches a file of a site's as it is sent. */
export async function fetched(site: TestSite, path: string, headers: Record<string, string> = {}) {
  const response = await site.app.fetch(new Request(`http://chaoxi.test/api/v1${path}`, { headers }));
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

type Parameter = string | number | null;

/** SQLite in memory as node-gtfs calls it. Node's own: the native module that it would bring has to be built on some machines. */
function memoryDatabase() {
  const db = new DatabaseSync(':memory:');
  return {
    prepare(sql: string) {
      const statement = db.prepare(sql);
      return {
        // The other module takes parameters in a list as well.
        run: (...given: Parameter[][]) => statement.run(...given.flat()),
        get: (...given: Parameter[]) => statement.get(...given),
        all: (...given: Parameter[]) => statement.all(...given),
      };
    },
    transaction:
      <Given extends unknown[]>(work: (...given: Given) => void) =>
      (...given: Given) => {
        db.exec('BEGIN');
        work(...given);
        db.exec('COMMIT');
      },
    close: () => db.close(),
  };
}

/** A feed as an independent reader has loaded it (node-gtfs, into SQLite in memory). */
export type ReadFeed = Awaited<ReturnType<typeof readFeed>>;

/** Loads a ZIP file into the reader. Close it at the end. */
export async function readFeed(zip: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'gtfs-'));
  try {
    const path = join(folder, 'feed.zip');
    await writeFile(path, zip);
    const memory = memoryDatabase();
    // The types of the module that is not installed.
    const db = memory as never;
    const report: ImportReport = await importGtfs({
      agencies: [{ path }],
      db,
      logLevel: 'silent',
      logFunction: () => undefined,
      includeImportReport: true,
    });
    const options = { db };
    const dateNumber = (date: string) => Number(date.replaceAll('-', ''));
    return {
      report,
      /** Every row of a table, by the name of its file. */
      rows: (table: string) =>
        memory.prepare(`SELECT * FROM ${table}`).all() as Record<string, string | number | null>[],
      /** `HH:MM trip` of every trip that the reader finds on a date, in order. */
      departuresOn(date: string): string[] {
        const serviceIds = getServiceIdsByDate(dateNumber(date), options);
        const trips = serviceIds.length === 0 ? [] : getTrips({ service_id: serviceIds }, ['trip_id'], [], options);
        return trips
          .map(({ trip_id: tripId }) => {
            const [first] = getStoptimes({ trip_id: tripId }, [], [['stop_sequence', 'ASC']], options);
            return `${String(first?.departure_time).slice(0, 5)} ${tripId}`;
          })
          .toSorted();
      },
      exceptions: () => getCalendarDates({}, [], [['date', 'ASC']], options),
      close: () => memory.close(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
