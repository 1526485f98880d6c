import { startOfDay, plusDays, type IsoDate } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context, DateRange } from '../../service.ts';
import { wheelchairKind } from '../run-rules.ts';

export const demandKinds = ['booking', 'waiting', 'refusal', 'search'] as const;
export type DemandKind = (typeof demandKinds)[number];

/** How many seats were wanted from stop to stop on a date, in a quarter of an hour since midnight at the stop where one boards. */
export type DemandRow = {
  serviceDate: IsoDate;
  quarter: number;
  fromStopId: string;
  toStopId: string;
  kind: DemandKind;
  seats: number;
};

const quarterOf = (instant: string, zone: string) =>
  `(floor(extract(epoch FROM (${instant} AT TIME ZONE ${zone})::time) / 900))::int AS quarter`;
const ends = (details: string) =>
  `${details} #>> '{boardStop,stopId}' AS "fromStopId", ${details} #>> '{alightStop,stopId}' AS "toStopId"`;
const seats = (details: string) => `sum((${details} ->> 'seats')::int)::int AS seats`;

/**
 * What was wanted on some dates, both inclusive, in three queries: rides that were booked and not given up, places in the queue that came to
 * nothing, and what was counted of refusals and searches. Indexes: slot_by_kind_and_date, booking_line_by_slot, waitlist_entry_by_kind,
 * the primary key of ride_demand.
 */
export async function demandRows({ db, site }: Context, { from, to }: DateRange): Promise<DemandRow[]> {
  const dates = [site.id, from, to];
  const [booked, waiting, counted] = await Promise.all([
    db.query<DemandRow>(
      `SELECT b.service_date AS "serviceDate", ${quarterOf('b.starts_at', '$4')}, ${ends('b.details')}, 'booking' AS kind, ${seats('b.details')}
       FROM booking b
       WHERE b.site_id = $1 AND b.state IN ('confirmed', 'checked_in', 'completed', 'no_show') AND b.id IN (
         SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
         WHERE s.site_id = $1 AND s.kind IN ('shuttle', '${wheelchairKind}') AND s.service_date BETWEEN $2 AND $3)
       GROUP BY 1, 2, 3, 4`,
      [...dates, site.timeZone],
    ),
    db.query<DemandRow>(
      `SELECT (d.draft ->> 'serviceDate')::date AS "serviceDate",
         ${quarterOf(`to_timestamp((d.draft ->> 'startsAt')::bigint / 1000)`, '$4')}, ${ends(`(d.draft -> 'details')`)}, 'waiting' AS kind,
         ${seats(`(d.draft -> 'details')`)}
       FROM waitlist_entry e CROSS JOIN LATERAL (SELECT e.wish #> '{choices,0,0}' AS draft) d
       WHERE e.site_id = $1 AND e.kind = 'shuttle' AND e.state IN ('waiting', 'offered', 'lapsed')
         AND e.closes_at >= $5 AND e.closes_at < $6 AND (d.draft ->> 'serviceDate')::date BETWEEN $2 AND $3
       GROUP BY 1, 2, 3, 4`,
      [
        ...dates,
        site.timeZone,
        toTimestamp(startOfDay(from, site.timeZone)),
        // Who named several days is found by the last of them.
        toTimestamp(startOfDay(plusDays(to, longestWait), site.timeZone)),
      ],
    ),
    db.query<DemandRow>(
      `SELECT service_date AS "serviceDate", quarter, from_stop_id AS "fromStopId", to_stop_id AS "toStopId", kind, count AS seats
       FROM ride_demand WHERE site_id = $1 AND service_date BETWEEN $2 AND $3`,
      dates,
    ),
  ]);
  return [...booked, ...waiting, ...counted];
}

/** Days: runs open a week before, and nobody can wait for longer. */
const longestWait = 8;
