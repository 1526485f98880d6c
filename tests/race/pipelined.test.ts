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

test('a connection that comes free goes to whoever waits for one, before it is kept at hand', async () => {
  const db = await openDb({ url: await freshDatabase(), connections: 4 });
  const [others, ours] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const transactions = [1, 2].map(() =>
    db.transaction(async (tx) => {
      await tx.query('SELECT 1');
      await others.promise;
    }),
  );
  const work = (until: Promise<void>) =>
    db.pipelined(async (tx) => {
      const last = tx.query('SELECT 1');
      await until;
      return { value: 'done', last: [last] };
    });
  const first = [work(ours.promise), work(ours.promise)];
  // Until here all four are taken: this one waits in the pool.
  await new Promise((later) => setTimeout(later, 300));
  const third = work(Promise.resolve());
  await new Promise((later) => setTimeout(later, 50));
  ours.resolve();
  expect(await Promise.all([...first, third])).toEqual(['done', 'done', 'done']);
  others.resolve();
  await Promise.all(transactions);
  await db.close();
});
