import { localTimeAfter } from '../../../calendar/time.ts';
import type { Advice, AdvisedTimetable } from './advice.ts';
import type { AdviceAnswer } from './advice-schemas.ts';
import { demandKinds, type DemandKind } from './demand-rows.ts';
import { rideOf, ridersPerSeat } from './line-demand.ts';
import { directions, stopPairs } from './riders-served.ts';

/** What the advisor says, as the API shows it. */
export function presentAdvice(advice: Advice): AdviceAnswer {
  const { line, stops, rule, dates, days, rows, seats, proposal } = advice;
  const timetable = (counted: AdvisedTimetable) => presentTimetable(counted, advice);
  return {
    line: {
      ...{ id: line.id, name: line.name, buses: line.buses, cycleMinutes: line.cycleMinutes },
      ...{ seats, shiftMinutes: rule.shiftMinutes },
    },
    stops: stops.map(({ id, name }) => ({ stopId: id, name })),
    ...dates,
    ...{ days, minDays: rule.minDays },
    state: proposal === null ? 'not-enough-data' : proposal.isBetter ? 'better' : 'no-better',
    isExact: proposal?.isExact ?? false,
    counted: seatsByKind(rows),
    demand: demandOf(advice),
    present: timetable(advice.present),
    proposed: proposal?.isBetter ? timetable(proposal.timetable) : null,
  };
}

const tenths = (value: number) => Math.round(value * 10) / 10;
const midnight = '00:00';

function presentTimetable({ riders, runs }: AdvisedTimetable, { stops }: Advice): AdviceAnswer['present'] {
  const pairs = stopPairs(stops.length);
  const stopAt = (position: number, way: string) => stops.at(way === 'inbound' ? position : -1 - position)?.id ?? '';
  return {
    riders: tenths(riders),
    runs: runs.map(({ minute, direction, byPair, ...run }) => ({
      ...{ runId: run.runId, run: run.run, departs: localTimeAfter(midnight, minute), direction },
      ...{ riders: tenths(run.riders), fullestLeg: tenths(run.fullestLeg) },
      rides: pairs
        .map(({ from, to }, pair) => ({
          ...{ fromStopId: stopAt(from, direction), toStopId: stopAt(to, direction) },
          riders: tenths(byPair[pair] ?? 0),
        }))
        .filter((ride) => ride.riders > 0)
        .toSorted((a, b) => b.riders - a.riders),
    })),
  };
}

function seatsByKind(rows: Advice['rows']): Record<DemandKind, number> {
  const sumOf = (kind: DemandKind) => rows.reduce((sum, row) => (row.kind === kind ? sum + row.seats : sum), 0);
  return { booking: sumOf('booking'), waiting: sumOf('waiting'), refusal: sumOf('refusal'), search: sumOf('search') };
}

/** The demand by direction and quarter of an hour; quarters without any are left out. */
function demandOf({ rows, stops, rule, days }: Advice): AdviceAnswer['demand'] {
  const worth = ridersPerSeat(rule);
  const quarters = Map.groupBy(rows, (row) => `${rideOf(stops, row)?.direction} ${row.quarter}`);
  return [...quarters.values()]
    .flatMap((ofQuarter) => {
      const [first] = ofQuarter;
      const ride = first && rideOf(stops, first);
      if (!ride) return [];
      const counted = seatsByKind(ofQuarter);
      const riders = demandKinds.reduce((sum, kind) => sum + counted[kind] * worth[kind], 0) / Math.max(1, days);
      return [
        {
          direction: ride.direction,
          from: localTimeAfter(midnight, first.quarter * 15),
          riders: tenths(riders),
          ...counted,
        },
      ];
    })
    .toSorted(
      (a, b) => directions.indexOf(a.direction) - directions.indexOf(b.direction) || (a.from < b.from ? -1 : 1),
    );
}
