import { expect, test } from 'vitest';
import { databaseRefusal } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { freshDatabase } from '../support/fresh-database.ts';

test('of statements that were sent together, the failure that made the others fail is told, whoever hears of it first', async () => {
  const db = await openDb({ url: await freshDatabase(), connections: 1 });
  const failure = await db
    .pipelined(async (tx) => {
      // Its failure takes a turn longer to be heard of than that of the second.
      const first = tx.query('SELECT 1 / 0').then(async (rows) => rows);
      await Promise.all([first.then(String), tx.query('SELECT 1')]);
      return { value: null, last: [] };
    })
    .catch((error: unknown) => databaseRefusal(error)?.code);
  expect(failure).toBe('22012');
  expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await db.close();
});
