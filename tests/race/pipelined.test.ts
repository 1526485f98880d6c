import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseRefusal, isConnectionLost, type OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { waitUntil } from '../support/wait-until.ts';

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

describe('transactions of one line', () => {
  let db: OpenDb;
  beforeEach(async () => {
    db = await openDb({ url: await freshDatabase(), connections: 4 });
    await db.query('CREATE TABLE mark (number int PRIMARY KEY, process int NOT NULL DEFAULT pg_backend_pid())');
  });
  afterEach(() => db.close());
  const mark = (number: number) => `INSERT INTO mark (number) VALUES (${number})`;
  const marks = () => db.query<{ number: number; process: number }>('SELECT * FROM mark ORDER BY ctid');
  const atOnce = (...statements: string[]) =>
    db.pipelined(async (tx) => ({ value: 'done', last: statements.map((text) => tx.query(text)) }), { line: 'a' });

  test('are sent without waiting for each other, and carried out on one connection in their order', async () => {
    const ends: string[] = [];
    const first = atOnce('SELECT pg_sleep(0.2)', mark(1)).finally(() => ends.push('first'));
    const second = db.pipelined(
      (tx) => {
        ends.push('second is sent');
        return Promise.resolve({ value: 'done', last: [tx.query(mark(2))] });
      },
      { line: 'a' },
    );
    await Promise.all([first, second, atOnce(mark(3))]);
    expect(ends).toEqual(['second is sent', 'first']);
    const made = await marks();
    expect(made.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(new Set(made.map(({ process }) => process)).size).toBe(1);
  });

  test('undo themselves only, whatever fails', async () => {
    const isRefused = (error: unknown) => databaseRefusal(error)?.code;
    const ends = await Promise.all([
      atOnce(mark(1)),
      atOnce(mark(2), mark(1)).catch(isRefused),
      atOnce(mark(3)),
      db.pipelined(() => Promise.reject(new Error('the work failed')), { line: 'a' }).catch(({ message }) => message),
      atOnce(mark(4)),
    ]);
    expect(ends).toEqual(['done', '23505', 'done', 'the work failed', 'done']);
    expect((await marks()).map(({ number }) => number)).toEqual([1, 3, 4]);
  });

  test('begin when all of the one before has been sent, however long its work takes', async () => {
    const slow = db.pipelined(
      async (tx) => {
        await tx.query('SELECT pg_sleep(0.2)');
        return { value: 'done', last: [tx.query(mark(1))] };
      },
      { line: 'a' },
    );
    expect(await Promise.all([slow, atOnce(mark(2))])).toEqual(['done', 'done']);
    expect((await marks()).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('all hear of it when their connection is lost, and those after them have another', async () => {
    const sent = [atOnce(mark(1), 'SELECT pg_sleep(30)'), atOnce(mark(2))];
    const thoughtful = db.pipelined(
      async (tx) => {
        await tx.query(mark(3));
        return { value: 'done', last: [] };
      },
      { line: 'a' },
    );
    const ends = Promise.all([...sent, thoughtful, atOnce(mark(4))].map((end) => end.catch(isConnectionLost)));
    await waitUntil('the first is under way', async () => {
      const [busy] = await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(30)'`,
      );
      return busy ?? null;
    });
    expect(await ends).toEqual([true, true, true, true]);
    expect(await atOnce(mark(5))).toBe('done');
    expect((await marks()).map(({ number }) => number)).toEqual([5]);
  });
});
