import { and, asc, eq } from '../../../../db/orm.ts';
import { shuttleLine, shuttleStop } from '../../../../db/schema/index.ts';
import { dateOf, plusDays, type IsoDate } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import type { Context, DateRange } from '../../service.ts';
import { dispatches } from '../dispatchers.ts';
import { runOn, type Run } from '../run-rules.ts';
import { timetabled } from '../timetable/make-timetable.ts';
import { advisorRule, minuteOf, type AdvisorRule } from './advisor-rules.ts';
import { demandRows, type DemandRow } from './demand-rows.ts';
import { daysOfDemand, rideOf } from './line-demand.ts';
import { countedOn, propose, type CountedRun, type CountedTimetable } from './propose.ts';
import type { Departure } from './riders-served.ts';
import { unhurried } from './unhurried.ts';

type Line = typeof shuttleLine.$inferSelect;
type Stop = typeof shuttleStop.$inferSelect;

/** A run of the line as it goes by the timetable of a date. */
type LineRun = Departure & { runId: string; run: Run };

/** A departure with the run that has it. */
export type AdvisedRun = CountedRun & { runId: string; run: number };
export type AdvisedTimetable = { riders: number; runs: AdvisedRun[] };

export type Advice = {
  line: Line;
  /** In inbound order. */
  stops: readonly Stop[];
  rule: AdvisorRule;
  dates: DateRange;
  /** Days with any demand. */
  days: number;
  /** What was wanted of this line. */
  rows: readonly DemandRow[];
  seats: number;
  present: AdvisedTimetable;
  /** Null while there are too few days. */
  proposal: { timetable: AdvisedTimetable; isBetter: boolean; isExact: boolean } | null;
};

/** Dates of the demand, both inclusive; of which line, else of the first that the caller runs. */
export type AdviceQuery = { from?: IsoDate | undefined; to?: IsoDate | undefined; lineId?: string | undefined };

/** The longest period that is looked at, in days: a year and some weeks. */
const maxDays = 400;

/**
 * What the demand of some dates says of a line's timetable of today, and a better timetable if there is one. Four queries, whatever the
 * number of rides. @returns null when the caller runs no such line.
 */
export async function adviceOn(
  context: Context,
  caller: Caller,
  query: AdviceQuery,
): Promise<Advice | null | 'bad-period'> {
  const line = await lineOf(context, caller, query.lineId);
  if (!line) return null;
  const rule = advisorRule.parse(line.advisor);
  const today = dateOf(context.now, context.site.timeZone);
  const to = query.to ?? plusDays(today, -1);
  const dates = { from: query.from ?? plusDays(to, 1 - rule.lookBackDays), to };
  if (dates.from > to || plusDays(dates.from, maxDays) <= to) return 'bad-period';

  const [stops, allRows] = await Promise.all([stopsOf(context, line.id), demandRows(context, dates)]);
  const days = daysOfDemand(allRows, stops, rule);
  const runs = runsOf(context, line.id, today);
  const seats = runs.reduce(
    (least, { run }) => Math.min(least, run.schedule.capacity),
    runs[0]?.run.schedule.capacity ?? 0,
  );
  const seating = { seats, shiftMinutes: rule.shiftMinutes, stops: stops.length };
  const known = {
    ...{ line, stops, rule, dates, seats },
    days: days.length,
    rows: allRows.filter((row) => rideOf(stops, row) !== null),
  };
  if (days.length < rule.minDays || runs.length === 0) {
    const [present] = await unhurried(countedOn(days, seating, [runs]));
    return { ...known, present: withRuns(present, runs), proposal: null };
  }
  const found = await unhurried(propose(days, runs, { seating, frame: frameOf(line, rule, runs.length) }));
  const { isBetter, isExact } = found;
  return {
    ...known,
    present: withRuns(found.present, runs),
    proposal: { timetable: withRuns(found.proposed, runs), isBetter, isExact },
  };
}

function frameOf({ buses, cycleMinutes }: Line, rule: AdvisorRule, runs: number) {
  const { gridMinutes, shiftMinutes, firstDeparture, lastDeparture } = rule;
  return {
    ...{ buses, cycleMinutes, runs, gridMinutes, shiftMinutes },
    firstMinute: minuteOf(firstDeparture),
    lastMinute: minuteOf(lastDeparture),
  };
}

async function lineOf({ db, site }: Context, caller: Caller, lineId: string | undefined): Promise<Line | null> {
  const lines = await db.orm
    .select()
    .from(shuttleLine)
    .where(eq(shuttleLine.siteId, site.id))
    .orderBy(asc(shuttleLine.id));
  const own = lines.filter(({ organisationId }) => dispatches(caller, organisationId));
  return own.find(({ id }) => lineId === undefined || id === lineId) ?? null;
}

const stopsOf = ({ db, site }: Context, lineId: string): Promise<Stop[]> =>
  db.orm
    .select()
    .from(shuttleStop)
    .where(and(eq(shuttleStop.siteId, site.id), eq(shuttleStop.lineId, lineId)))
    .orderBy(asc(shuttleStop.position));

/** The runs that a line has by the timetable of a date, in order of departure. */
function runsOf(context: Context, lineId: string, date: IsoDate): LineRun[] {
  return timetabled(context, lineId)
    .flatMap((resource) => {
      const run = runOn(resource, date);
      return run ? [{ runId: resource.id, run, minute: minuteOf(run.times.departs), direction: run.direction }] : [];
    })
    .toSorted((a, b) => a.minute - b.minute);
}

/**
 * Says which run goes when: one that departs then already keeps its time, the others follow in order, of the same direction first, so that
 * as few as possible go another way than today. There are as many departures as runs.
 */
function withRuns(timetable: CountedTimetable | undefined, runs: readonly LineRun[]): AdvisedTimetable {
  const free = new Set(runs);
  const taken = new Map<CountedRun, LineRun>();
  const fits: ((departure: CountedRun, run: LineRun) => boolean)[] = [
    ({ minute, direction }, run) => run.minute === minute && run.direction === direction,
    ({ direction }, run) => run.direction === direction,
    () => true,
  ];
  const departures = timetable?.runs ?? [];
  for (const isFit of fits) {
    for (const departure of departures) {
      const run = taken.has(departure) ? undefined : [...free].find((one) => isFit(departure, one));
      if (!run) continue;
      taken.set(departure, run);
      free.delete(run);
    }
  }
  const advised = departures.flatMap((departure): AdvisedRun[] => {
    const run = taken.get(departure);
    return run ? [{ ...departure, runId: run.runId, run: run.run.run }] : [];
  });
  return { riders: timetable?.riders ?? 0, runs: advised };
}
