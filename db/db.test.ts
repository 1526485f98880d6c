import { describe, expect, test } from 'vitest';
import { databaseRefusal, isConnectionLost, isDatabaseAway, transactionWithRetry, type Db } from './db.ts';

const coded = (code: string, more: object = {}) => Object.assign(new Error('as the driver has it'), { code, ...more });
const wrapped = (cause: Error) => new Error('as drizzle has it', { cause });

describe('what went wrong with the database', () => {
  test('a refusal is known by its SQLSTATE and constraint, however deep it is wrapped', () => {
    const refusal = { code: '23P01', constraint: 'claim_no_overlap' };
    expect(databaseRefusal(wrapped(coded('23P01', { constraint: 'claim_no_overlap' })))).toEqual(refusal);
    expect(databaseRefusal(wrapped(coded('23P01', { constraint_name: 'claim_no_overlap' })))).toEqual(refusal);
  });

  test('a broken pipe is not a refusal, although its code is as long as a SQLSTATE', () => {
    expect(databaseRefusal(coded('EPIPE'))).toBeNull();
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT', '57P01', '57P03', '08006'])(
    '%s says that the connection is lost and the database away',
    (code) => {
      expect(isConnectionLost(wrapped(coded(code)))).toBe(true);
      expect(isDatabaseAway(wrapped(coded(code)))).toBe(true);
    },
  );

  test('a server without room is away, but keeps its connections', () => {
    expect(isDatabaseAway(coded('53300'))).toBe(true);
    expect(isConnectionLost(coded('53300'))).toBe(false);
  });

  test.each(['23505', '40P01', '57014'])('%s is about the statement, not about the connection', (code) => {
    expect(isDatabaseAway(coded(code))).toBe(false);
  });
});

/** A database whose transactions fail so often with an error before they are let through. */
function failing(times: number, error: Error) {
  let transactions = 0;
  const db: Db = {
    transaction: async (work: (tx: Db) => Promise<unknown>) => {
      transactions++;
      const result = await work(db);
      if (transactions <= times) throw error;
      return result;
    },
  } as unknown as Db;
  return { db, transactions: () => transactions };
}

describe('a transaction', () => {
  test.each(['40001', '40P01', '23P01'])('that another one was in the way of (%s) is run again', async (code) => {
    const { db, transactions } = failing(2, new Error('drizzle', { cause: coded(code) }));
    expect(await transactionWithRetry(db, async () => 'done')).toBe('done');
    expect(transactions()).toBe(3);
  });

  test('that fails for ever is given up after five tries', async () => {
    const { db, transactions } = failing(Infinity, coded('40P01'));
    await expect(transactionWithRetry(db, async () => 'done')).rejects.toThrow('as the driver has it');
    expect(transactions()).toBe(5);
  });

  test.each([coded('23505'), coded('23514'), new Error('bug'), coded('ECONNRESET')])(
    'that fails for another reason is not: %s',
    async (error) => {
      const { db, transactions } = failing(Infinity, error);
      await expect(transactionWithRetry(db, async () => 'done')).rejects.toBe(error);
      expect(transactions()).toBe(1);
    },
  );
});
