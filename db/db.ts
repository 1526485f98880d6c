import type { PgDatabase, PgQueryResultHKT } from './schema/pg-core.ts';
import type * as schema from './schema/index.ts';

/** One row of a hot statement, as `Db.query` gives it. */
export type Row = Record<string, unknown>;

/** The written-out statements, by themselves. */
export interface Queries {
  query<R extends object = Row>(text: string, parameters?: readonly unknown[]): Promise<R[]>;
}

/**
 * The one way to the database, the same over PGlite, PostgreSQL and Hyperdrive. `orm` is for ordinary statements;
 * `query` is for the written-out hot ones: `timestamptz` arrives as epoch milliseconds, `int8` as a number, dates as ISO text.
 */
export interface Db extends Queries {
  readonly orm: PgDatabase<PgQueryResultHKT, typeof schema>;
  /** READ COMMITTED; rolls back when `work` throws. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /**
   * A transaction that waits for the database as seldom as it can: its beginning goes out together with the first statements of `work`,
   * its commit right behind the last ones, whose answers `work` does not wait for but hands over as `last`. Nothing of it stands unless all
   * of them went well; only `query` may be used inside.
   */
  pipelined<T>(work: (tx: Queries) => Promise<Unsettled<T>>, bounds?: PipelineBounds): Promise<T>;
}

/** What a pipelined transaction may not exceed. */
export type PipelineBounds = {
  /** How long it waits for a lock (`isLockTimeout`); where there is one connection only, nobody else can hold one. */
  lockMilliseconds?: number;
  /**
   * Transactions of one line are carried out one after the other, in the order in which they were asked for. Each is sent as soon as the
   * one before it has been, its answers are not waited for.
   */
  line?: string;
};

/** What a pipelined transaction comes to if its last statements, which are on their way, go well. */
export type Unsettled<T> = { value: T; last: readonly Promise<unknown>[] };

/** A database that was opened here and must be closed here. */
export interface OpenDb extends Db {
  readonly flavour: 'embedded' | 'postgres';
  /** How many transactions can make progress at once. */
  readonly connections: number;
  /**
   * From now on a statement or transaction that has no answer for so long is taken for lost, and so are the connections: what is under way
   * on them fails as when the database is away, and new ones are made.
   */
  giveUpAfter(milliseconds: number): void;
  close(): Promise<void>;
}

/** What a refusing database said, whichever driver carried it. */
export type DatabaseRefusal = { code: string; constraint: string | null };

/** Digs the SQLSTATE and the constraint's name out of what a driver or drizzle threw; null when it is not the database's. */
export function databaseRefusal(error: unknown): DatabaseRefusal | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code: unknown = Reflect.get(cause, 'code');
    // A SQLSTATE has a digit; EPIPE, which is as long, is the socket's word and says nothing of the request.
    if (typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)) {
      const constraint: unknown = Reflect.get(cause, 'constraint_name') ?? Reflect.get(cause, 'constraint');
      return { code, constraint: typeof constraint === 'string' ? constraint : null };
    }
  }
  return null;
}

/** Codes of Node and of postgres.js for a connection that could not be made or is gone. */
const lostConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
]);

/** Whether an error says that its connection is gone: closed by the other side, or by an operator who ends sessions (SQLSTATE 57P). */
export function isConnectionLost(error: unknown): boolean {
  return hasCode(error, (code) => lostConnection.has(code) || /^(08...|57P..)$/.test(code));
}

/**
 * Whether an error says that the database is away: not reached, shutting down, starting up or out of connections (SQLSTATE 53). What
 * was under way may have been committed all the same.
 */
export function isDatabaseAway(error: unknown): boolean {
  return isConnectionLost(error) || hasCode(error, (code) => /^53...$/.test(code));
}

/** Whether a transaction gave up because somebody else held a lock for too long; nothing of it was done. */
export function isLockTimeout(error: unknown): boolean {
  return databaseRefusal(error)?.code === '55P03';
}

/** The same database, whose transactions wait for a lock no longer than that (`isLockTimeout`). */
export function withLockTimeout(db: Db, milliseconds: number): Db {
  return {
    get orm() {
      return db.orm;
    },
    query: (text, parameters) => db.query(text, parameters),
    transaction: (work) =>
      db.transaction(async (tx) => {
        // The setting goes out together with the first statements of the work.
        const setting = tx.query(`SET LOCAL lock_timeout = ${Math.ceil(milliseconds)}`);
        const [result] = await Promise.all([work(tx), setting]);
        return result;
      }),
    pipelined: (work, bounds) => db.pipelined(work, { ...bounds, lockMilliseconds: milliseconds }),
  };
}

/** The same database, whose pipelined transactions stand in this line (`PipelineBounds`). */
export function inLine(db: Db, line: string): Db {
  return {
    get orm() {
      return db.orm;
    },
    query: (text, parameters) => db.query(text, parameters),
    transaction: (work) => db.transaction(work),
    pipelined: (work, bounds) => db.pipelined(work, { ...bounds, line }),
  };
}

function hasCode(error: unknown, isMeant: (code: string) => boolean): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code: unknown = Reflect.get(cause, 'code');
    if (typeof code === 'string' && isMeant(code)) return true;
  }
  return false;
}

/** Serialization failure, deadlock, and a claim that somebody else made meanwhile (`claim_no_overlap`): to be read and decided again. */
const retryable = new Set(['40001', '40P01', '23P01']);
const attempts = 5;

/** Whether a transaction gave up because others were in its way, however often it was run again; nothing of it was done. */
export function isOvertaken(error: unknown): boolean {
  return retryable.has(databaseRefusal(error)?.code ?? '');
}

/** Runs a transaction again when another one was in its way. */
export function transactionWithRetry<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return retried(() => db.transaction(work));
}

/** The same for a pipelined transaction. */
export function pipelinedWithRetry<T>(db: Db, work: (tx: Queries) => Promise<Unsettled<T>>): Promise<T> {
  return retried(() => db.pipelined(work));
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= attempts || !isOvertaken(error)) throw error;
    }
  }
}
