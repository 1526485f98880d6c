import { transactionWithRetry, type Db } from '../../db/db.ts';

/** Does something in a transaction and undoes it: what it would do is what it did. */
export async function doneAndUndone<Outcome>(db: Db, work: (tx: Db) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await transactionWithRetry(db, async (tx) => {
      throw new Undone(await work(tx));
    });
  } catch (error) {
    if (error instanceof Undone) return error.outcome as Outcome;
    throw error;
  }
}

/** Undoes a transaction that was only to be seen. */
class Undone extends Error {
  override name = 'Undone';
  readonly outcome: unknown;

  constructor(outcome: unknown) {
    super('a dry run is undone');
    this.outcome = outcome;
  }
}
