import type { Queries } from '../../db/db.ts';
import type { Candidate } from './decide.ts';
import type { Refusal, Suspicion } from './types.ts';

/** What nobody of a batch may have on their record, if no record is to be looked at; null when none matters. */
export function suspicionOf(batch: readonly Candidate[]): Suspicion | null {
  const bars = batch.flatMap((candidate) => candidate.bars ?? []);
  if (bars.length === 0) return null;
  return {
    since: Math.min(...bars.map(({ since }) => since)),
    atLeast: Math.min(...bars.map(({ atLeast }) => atLeast)),
  };
}

/** Who of a batch is barred, and by what. */
export async function barredOf(
  tx: Queries,
  siteId: number,
  batch: readonly Candidate[],
): Promise<ReadonlyMap<Candidate, Refusal>> {
  const barred = new Map<Candidate, Refusal>();
  const asked = batch.flatMap((candidate) => (candidate.bars ?? []).map((bar) => ({ candidate, bar })));
  await Promise.all(
    [...Map.groupBy(asked, ({ bar }) => bar.countedOf)].map(async ([countedOf, group]) => {
      const people = [...new Set(group.map(({ candidate }) => candidate.personId))];
      const counted = await countedOf(tx, siteId, people, Math.min(...group.map(({ bar }) => bar.since)));
      for (const { candidate, bar } of group) {
        const own = (counted.get(candidate.personId) ?? []).filter((at) => at > bar.since);
        const until = bar.until(own);
        if (until === null || barred.has(candidate)) continue;
        const { rule, part } = bar;
        barred.set(candidate, { ok: false, problem: 'rule', rule, until, ...(part !== undefined && { part }) });
      }
    }),
  );
  return barred;
}
