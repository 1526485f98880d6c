import type { Db } from '../../db/db.ts';
import { queueChecks } from './doctor-queues.ts';
import { replayChecks } from './doctor-replay.ts';
import { rowChecks } from './doctor-rows.ts';
import type { Check, Invariant } from './invariants.ts';

/** A row that breaks an invariant: which one, in what rule's words, and what was found there. */
export type BrokenRow = { invariant: Invariant; rule: string; siteId: number; row: string; found: string };

export type Diagnosis = {
  broken: BrokenRow[];
  /** The rules that more rows break than are shown. */
  cutRules: string[];
};

const checks: readonly Check[] = [...rowChecks, ...queueChecks, ...replayChecks];

/**
 * Looks for rows that break an invariant, at most `limit` per rule. Only reads. Every rule is one set-wise statement, with a snapshot of
 * its own, that reads each of its tables once: it can run beside a busy service, on a database of any size.
 */
export async function examine(db: Db, limit = 100): Promise<Diagnosis> {
  return db.transaction(async (tx) => {
    // Ten million bookings are joined and sorted with less disk; and what the planner guesses of a wish's JSON is far too much, so that it
    // would compile statements for longer than they run. Only for this transaction.
    await tx.query(`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`);
    const diagnosis: Diagnosis = { broken: [], cutRules: [] };
    for (const { invariant, rule, sql } of checks) {
      const rows = await tx.query<Omit<BrokenRow, 'invariant' | 'rule'>>(`${sql} LIMIT ${limit + 1}`);
      if (rows.length > limit) diagnosis.cutRules.push(rule);
      diagnosis.broken.push(...rows.slice(0, limit).map((row) => ({ invariant, rule, ...row })));
    }
    return diagnosis;
  });
}
