import type { Db } from '../../../../db/db.ts';
import type { rideDemandKinds } from '../../../../db/schema/index.ts';
import { plusDays, type IsoDate } from '../../../calendar/time.ts';
import { minuteOf } from './advisor-rules.ts';
import type { Wishes } from '../../wishes.ts';

/** Somebody wishes to ride from stop to stop on a date; `quarter` counts quarters of an hour since midnight at their stop. */
export type RideWished = {
  serviceDate: IsoDate;
  quarter: number;
  fromStopId: string;
  toStopId: string;
  kind: (typeof rideDemandKinds)[number];
};

/** The quarter of an hour of a local time, `HH:MM`. */
export const quarterOf = (time: string): number => Math.floor(minuteOf(time) / 15);

/**
 * Counts a wish for seats. Who wishes for the same ride again on the same day, whenever, counts once; `who` is known in memory only,
 * null for somebody unknown.
 */
export function noteWish(wishes: Wishes, wish: RideWished, seats: number, who: string | null): void {
  const { serviceDate, quarter, fromStopId, toStopId, kind } = wish;
  const what = JSON.stringify([serviceDate, quarter, fromStopId, toStopId, kind]);
  wishes.note(what, seats, who && JSON.stringify([serviceDate, fromStopId, toStopId, kind, who]));
}

type Written = [IsoDate, number, string, string, string];

/** Adds what was counted to what is written already, in one statement; in the order of the key, so that processes wait in line. */
export async function writeWishes(db: Db, siteId: number, wishes: Wishes): Promise<void> {
  if (wishes.isEmpty()) return;
  const taken = wishes.take();
  const rows = [...taken].map(([what, count]) => [...(JSON.parse(what) as Written), count] as const);
  const column = (index: number) => rows.map((row) => row[index]);
  try {
    await db.query(
      `INSERT INTO ride_demand (site_id, service_date, quarter, from_stop_id, to_stop_id, kind, count)
       SELECT $1, * FROM unnest($2::date[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::int[])
         AS wished(service_date, quarter, from_stop_id, to_stop_id, kind, count)
       ORDER BY 2, 3, 4, 5, 6
       ON CONFLICT (site_id, service_date, quarter, from_stop_id, to_stop_id, kind)
       DO UPDATE SET count = ride_demand.count + excluded.count`,
      [siteId, ...[0, 1, 2, 3, 4, 5].map(column)],
    );
  } catch (error) {
    wishes.putBack(taken);
    throw error;
  }
}

const batch = 10_000;

/** Forgets wishes for days long past, some thousands at a time. Index: the primary key. */
export async function forgetOldWishes(db: Db, siteId: number, today: IsoDate, keepDays: number): Promise<void> {
  await db.query(
    `DELETE FROM ride_demand WHERE (site_id, service_date, quarter, from_stop_id, to_stop_id, kind) IN (
       SELECT site_id, service_date, quarter, from_stop_id, to_stop_id, kind FROM ride_demand
       WHERE site_id = $1 AND service_date < $2 LIMIT $3)`,
    [siteId, plusDays(today, -keepDays), batch],
  );
}
