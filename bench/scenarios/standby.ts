import { admissionLimits } from '../../api/engine/admit.ts';
import { createEngine } from '../../api/engine/engine.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { randomFrom } from '../../tests/support/seeded-random.ts';
import { playDay, randomDay, type DayFigures } from '../../tests/support/shuttle-days.ts';
import { benchNow } from '../settings.ts';
import type { Scenario } from './bench.ts';

const dates = ['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-30'];
/** Those that nothing else in the bench books on these dates. */
const runIds = ['run-7', 'run-8', 'run-9', 'run-10'];
const seats = 22;

/**
 * How full buses get on random days, from a third below what they hold to twice as much, with one in seven cancelled: what was sold in
 * seat-legs, against an exact interval solver with the promises that were made, against one that knows the day before and keeps none, and
 * against a seller of whole runs.
 */
export const standbyDays: Scenario = async ({ stage: { db }, riders }) => {
  await db.query(
    `UPDATE slot SET capacity = $3 WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND service_date = ANY($4::date[])`,
    [siteRow.id, runIds, seats, dates],
  );
  const surroundings = await loadSurroundings(db, siteRow.code);
  const engine = createEngine(db, admissionLimits(60_000));
  const random = randomFrom(8815);
  const total: DayFigures = { sold: 0, bestKept: 0, bestKnowing: 0, wholeRuns: 0 };
  for (const date of dates)
    for (const runId of runIds) {
      const run = surroundings.catalogue.get(runId);
      if (!run) throw new Error(`there is no ${runId}`);
      const day = randomDay(random, { legs: 6, seats, load: 2 / 3 + (random.next() * 4) / 3, cancels: 15 });
      const personIds = riders.map(({ personId }) => personId);
      const figures = await playDay({ db, engine, surroundings, run, date, booksAt: benchNow, personIds }, day);
      for (const key of ['sold', 'bestKept', 'bestKnowing', 'wholeRuns'] as const) total[key] += figures[key];
    }
  const shareOf = (name: string, best: number, bar?: { atLeast: number }) => ({
    name,
    value: total.sold / best,
    unit: 'ratio' as const,
    ...(bar && { bar }),
  });
  return [
    shareOf('seat-legs sold ÷ best fill that keeps promises made', total.bestKept, { atLeast: 0.98 }),
    shareOf('seat-legs sold ÷ best of what was asked, known before, promises broken', total.bestKnowing),
    shareOf('seat-legs sold ÷ a seller of whole runs', total.wholeRuns),
  ];
};
