import type { AdvisorRule } from './advisor-rules.ts';
import type { DemandKind, DemandRow } from './demand-rows.ts';
import type { DayDemand } from './propose.ts';
import type { RideDemand } from './riders-served.ts';

/** The stops of a line in inbound order, with the minutes from the first. */
export type LineStops = readonly { id: string; offsetMinutes: number }[];

/** Demand counts by the quarter of an hour: on average it is in its middle. */
const middleOfQuarter = 7;

/** A ride between two stops of a line, seen from the run that goes that way; null when they are not two of its stops. */
export function rideOf(
  stops: LineStops,
  { fromStopId, toStopId, quarter }: Omit<DemandRow, 'kind' | 'seats' | 'serviceDate'>,
) {
  const [from, to] = [fromStopId, toStopId].map((id) => stops.findIndex((stop) => stop.id === id));
  if (from === undefined || to === undefined || from < 0 || to < 0 || from === to) return null;
  const last = stops.length - 1;
  const offset = (position: number) => stops[position]?.offsetMinutes ?? 0;
  const wished = quarter * 15 + middleOfQuarter;
  return from < to
    ? { direction: 'inbound' as const, from, to, minute: wished - offset(from) }
    : {
        direction: 'outbound' as const,
        from: last - from,
        to: last - to,
        minute: wished - (offset(last) - offset(from)),
      };
}

/** As how many riders a seat counts. */
export const ridersPerSeat = (rule: AdvisorRule): Record<DemandKind, number> => ({
  booking: 1,
  waiting: rule.waitingCounts,
  refusal: rule.refusalCounts,
  search: rule.searchCounts,
});

/** The demand of a line, day by day, in order; days without any are left out, and so are rides of other lines. */
export function daysOfDemand(rows: readonly DemandRow[], stops: LineStops, rule: AdvisorRule): DayDemand[] {
  const counts = ridersPerSeat(rule);
  const days = new Map<string, RideDemand[]>();
  for (const row of rows) {
    const ride = rideOf(stops, row);
    const riders = row.seats * counts[row.kind];
    if (!ride || riders === 0) continue;
    const day = days.get(row.serviceDate);
    if (day) day.push({ ...ride, riders });
    else days.set(row.serviceDate, [{ ...ride, riders }]);
  }
  return [...days].map(([date, demand]) => ({ date, demand })).toSorted((a, b) => (a.date < b.date ? -1 : 1));
}
