import { describe, expect, test } from 'vitest';
import { databaseRefusal, isConnectionLost, isDatabaseAway } from './db.ts';

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
