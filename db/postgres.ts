import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import {
  databaseRefusal,
  isConnectionLost,
  type Db,
  type OpenDb,
  type PipelineBounds,
  type Queries,
  type Row,
  type Unsettled,
} from './db.ts';
import * as schema from './schema/index.ts';
import { connectionGivenUp, createUnanswered, type Unanswered } from './unanswered.ts';

/** How long what is under way on a pool that has lost a connection may still take. */
const farewellSeconds = 3;

/** Opens PostgreSQL through postgres.js; shared by the Node side and the Workers side. */
export function openPostgres(url: string, connections: number): OpenDb {
  let isClosing = false;
  let pool = openPool(url, connections, renew);
  let watch: ReturnType<typeof setInterval> | undefined;

  // postgres.js 3.4 does not bring a connection back to life cleanly: what was left unwritten when it closed is sent before its next
  // greeting, and that one is never sent (porsager/postgres#1215). So a pool that lost a connection is left, and a new one made.
  function renew(lost: Pool): void {
    if (isClosing || pool !== lost) return;
    pool = openPool(url, connections, renew);
    lost.isLost = true;
    lost.unanswered.abandon('unsent');
    // Of those that it keeps at hand one may be the one that is gone: none is touched, and their time runs out.
    void lost.client.end({ timeout: farewellSeconds }).finally(() => lost.unanswered.abandon('all'));
  }

  return {
    get orm() {
      return pool.db.orm;
    },
    query: (text, parameters) => pool.db.query(text, parameters),
    transaction: (work) => pool.db.transaction(work),
    pipelined: (work, bounds) => pool.db.pipelined(work, bounds),
    flavour: 'postgres',
    connections,
    giveUpAfter: (milliseconds) => {
      clearInterval(watch);
      watch = setInterval(() => {
        if (pool.unanswered.isOlderThan(milliseconds)) renew(pool);
      }, milliseconds / 4).unref();
    },
    close: async () => {
      isClosing = true;
      clearInterval(watch);
      pool.stack.clear();
      await pool.client.end({ timeout: 5 });
    },
  };
}

type Pool = { client: postgres.Sql; db: Db; stack: Stack; unanswered: Unanswered; isLost: boolean };

function openPool(url: string, connections: number, onLost: (pool: Pool) => void): Pool {
  const client = postgres(url, {
    max: connections,
    connect_timeout: 10,
    idle_timeout: 0,
    // A connection closes only when it is lost.
    max_lifetime: null,
    connection: { TimeZone: 'UTC', application_name: 'chaoxi' },
    onnotice: () => {},
    onclose: () => onLost(pool),
    // Without it a connection that is reserved while it opens is never handed over (postgres.js 3.4.9).
    fetch_types: true,
  });
  const unanswered = createUnanswered();
  const heard = noting(client, unanswered);
  const orm = drizzle(heard, { schema });
  // drizzle replaces the parsers of date types by pass-through; hot statements want them read.
  const parsers = client.options.parsers;
  parsers[20] = Number;
  parsers[1184] = (text: string) => new Date(text).getTime();
  const stack = stackOf(connections, () => unanswered.during(client.reserve(), () => false));
  const places = placesOn(stack, () => pool.isLost);
  const plain = wrap(orm, heard, (work, bounds) => pipelined(places, work, bounds));
  /** Notes a transaction until it is over. */
  function noted<Tx, Work, T>(start: (work: (tx: Tx) => Work) => Promise<T>, work: (tx: Tx) => Work): Promise<T> {
    let hasBegun = false;
    const begin = (tx: Tx) => {
      // Whoever asked was told that it would not be done (`abandon`).
      if (pool.isLost) throw connectionGivenUp();
      hasBegun = true;
      return work(tx);
    };
    return unanswered.during(start(begin), () => hasBegun);
  }
  const db: Db = {
    ...plain,
    transaction: (work) => noted((begin) => plain.transaction(begin), work),
    pipelined: (work, bounds) => noted((begin) => plain.pipelined(begin, bounds), work),
  };
  const pool: Pool = { client, db, stack, unanswered, isLost: false };
  return pool;
}

/** The same client, whose queries are noted until they are answered; drizzle's go through it too. */
function noting(client: postgres.Sql, unanswered: Unanswered): postgres.Sql {
  const unsafe: postgres.Sql['unsafe'] = (...query) => unanswered.query(client.unsafe(...query));
  return new Proxy(client, { get: (target, name) => (name === 'unsafe' ? unsafe : Reflect.get(target, name)) });
}

type Orm = ReturnType<typeof drizzle<typeof schema>>;
type Client = Pick<postgres.Sql, 'unsafe'>;

function wrap(
  orm: Orm | Parameters<Parameters<Orm['transaction']>[0]>[0],
  client: Client,
  inPipeline: Db['pipelined'],
): Db {
  return {
    orm,
    query: queryOn(client),
    transaction: (work) =>
      orm.transaction((tx) => {
        const inner = wrap(tx, sessionClient(tx), notWithin);
        return unlessLost(
          withItsCause(
            (text, parameters) => inner.query(text, parameters),
            (query) => work({ ...inner, query }),
          ),
        );
      }),
    pipelined: inPipeline,
  };
}

const notWithin: Db['pipelined'] = () => Promise.reject(new Error('a pipelined transaction has its own connection'));

function queryOn(client: Client): Db['query'] {
  return async <R extends object = Row>(text: string, parameters: readonly unknown[] = []) => {
    const rows = await client.unsafe(text, parameters.map(arrayAsText) as never[], { prepare: true });
    return rows as unknown as R[];
  };
}

/** Of the lanes few are busy at a time. */
const mostKept = 2;
/** Of fewer connections none is kept from others. */
const enoughToKeep = 4;

type Stack = ReturnType<typeof stackOf>;

/**
 * Connections of pipelined transactions: some are not given back, and the one that was used last is used next. Taken in turn, as the pool
 * would, each would bring its own process of PostgreSQL back into the processor's caches, which took a tenth of the time.
 */
function stackOf(connections: number, reserve: () => Promise<postgres.ReservedSql>) {
  const most = connections < enoughToKeep ? 0 : mostKept;
  const kept: postgres.ReservedSql[] = [];
  let wanting = 0;
  let isOver = false;

  async function takeAnother(): Promise<postgres.ReservedSql> {
    wanting++;
    try {
      return await reserve();
    } finally {
      wanting--;
    }
  }

  return {
    take: async (): Promise<postgres.ReservedSql> => kept.pop() ?? takeAnother(),
    giveBack: (connection: postgres.ReservedSql): void => {
      // Whoever waits for one waits in the pool.
      if (isOver || wanting > 0 || kept.length >= most) connection.release();
      else kept.push(connection);
    },
    /** Nothing is kept any more, so that the pool can end. Only where no connection is gone: that one must not be spoken to. */
    clear: (): void => {
      isOver = true;
      for (const connection of kept.splice(0)) connection.release();
    },
  };
}

/** A place on a connection, for one transaction. */
type Place = {
  connection: postgres.ReservedSql;
  /** All of the transaction has been sent: what of the next one stands behind it may be. */
  isSent: () => void;
  /** Nothing of it is under way any more. */
  leave: () => void;
  /** The connection is gone, and must not be spoken to. */
  giveUp: () => void;
};

/** Transactions that follow each other on one connection. */
type Line = { connection: Promise<postgres.ReservedSql>; length: number; lastSent: Promise<void> };

type Places = ReturnType<typeof placesOn>;

/**
 * Gives transactions their places: each a connection of its own, or one behind the others of its line, whose answers it need not wait for.
 * So PostgreSQL goes from one to the next by itself, and neither a lock nor another of its processes is waited for in between.
 */
function placesOn(stack: Stack, isLost: () => boolean) {
  const lines = new Map<string, Line>();

  function join(name: string): Line {
    let line = lines.get(name);
    if (!line) lines.set(name, (line = { connection: stack.take(), length: 0, lastSent: Promise.resolve() }));
    line.length++;
    return line;
  }

  async function placeIn(name: string): Promise<Place> {
    const line = join(name);
    const before = line.lastSent;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Often nobody stands behind.
    promise.catch(() => {});
    line.lastSent = promise;
    const isLast = () => --line.length === 0 && lines.delete(name);
    const giveUp = () => {
      reject(connectionGivenUp());
      isLast();
    };
    try {
      const connection = await line.connection;
      await before;
      if (isLost()) throw connectionGivenUp();
      const leave = () => {
        if (isLast()) stack.giveBack(connection);
      };
      return { connection, isSent: resolve, leave, giveUp };
    } catch (error) {
      giveUp();
      throw error;
    }
  }

  async function placeAlone(): Promise<Place> {
    const connection = await stack.take();
    return { connection, isSent: () => {}, leave: () => stack.giveBack(connection), giveUp: () => {} };
  }

  return { take: (line: string | undefined): Promise<Place> => (line === undefined ? placeAlone() : placeIn(line)) };
}

/** Statements on one connection are carried out in the order in which they were sent; after one that fails, the commit undoes all. */
async function pipelined<T>(
  places: Places,
  work: (tx: Queries) => Promise<Unsettled<T>>,
  bounds: PipelineBounds = {},
): Promise<T> {
  const { connection, isSent, leave, giveUp } = await places.take(bounds.line);
  let hasEnd = false;
  try {
    const value = await withItsCause(queryOn(connection), async (query) => {
      const begun = connection.unsafe(beginning(bounds)).execute();
      // It is listened to in the end; whoever fails before that has heard the same.
      begun.catch(() => {});
      const worked = await work({ query });
      // Whatever fails of the work, the commit undoes all: so nothing is waited for before it is sent.
      const answers = [begun, ...worked.last, committed(connection)];
      hasEnd = true;
      isSent();
      await allWell(answers);
      return worked.value;
    });
    leave();
    return value;
  } catch (error) {
    if (isConnectionLost(error) || !(hasEnd || (await isRolledBack(connection)))) giveUp();
    else {
      isSent();
      leave();
    }
    throw error;
  }
}

/** A transaction that has failed answers its commit with what it does instead. */
async function committed(connection: postgres.ReservedSql): Promise<void> {
  const { command } = await connection.unsafe('COMMIT').execute();
  if (command !== 'COMMIT') throw new Error(`a transaction ended with ${command}`);
}

/** False when the connection is gone. */
function isRolledBack(connection: postgres.ReservedSql): Promise<boolean> {
  return connection
    .unsafe('ROLLBACK')
    .execute()
    .then(
      () => true,
      () => false,
    );
}

/**
 * What a pipelined transaction begins with, in one message. Its statements are few, hot and always the same, and their arrays are of any
 * length: PostgreSQL would take a plan made for the arrays at hand for the better one, and plan anew each time. A plan that is kept has to
 * suit tables that were empty when it was made.
 */
function beginning({ lockMilliseconds }: PipelineBounds): string {
  const waiting = lockMilliseconds === undefined ? '' : `; SET LOCAL lock_timeout = ${Math.ceil(lockMilliseconds)}`;
  return `BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off${waiting}`;
}

/**
 * Waits for all, so that nothing is left on its way when the first failure is thrown; only of a connection that is gone there is nothing
 * more to wait for.
 */
async function allWell(answers: readonly PromiseLike<unknown>[]): Promise<void> {
  const settled = answers.map((answer) =>
    Promise.resolve(answer).then(
      () => null,
      (reason: unknown) => {
        if (isConnectionLost(reason)) throw reason;
        return { reason };
      },
    ),
  );
  const failure = (await Promise.all(settled)).find((outcome) => outcome !== null);
  if (failure) throw failure.reason;
}

/**
 * Does the work of a transaction. @throws what made its first statement fail, where the work only heard that the transaction is aborted
 * (SQLSTATE 25P02): of statements that are on their way together, it may hear of a later one first.
 */
async function withItsCause<T>(query: Db['query'], work: (query: Db['query']) => Promise<T>): Promise<T> {
  let first: { cause: unknown } | null = null;
  const noting: Db['query'] = (text, parameters) =>
    query<never>(text, parameters).catch((cause: unknown) => {
      first ??= { cause };
      throw cause;
    });
  try {
    return await work(noting);
  } catch (error) {
    const noted = first as { cause: unknown } | null;
    throw noted && databaseRefusal(error)?.code === '25P02' ? noted.cause : error;
  }
}

/**
 * What a transaction's work comes to; it stays open when its connection is lost. postgres.js then rejects the transaction by itself,
 * but the rollback that it would send for failed work ends the process when there is no socket any more (porsager/postgres#1208).
 */
function unlessLost<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!isConnectionLost(error)) throw error;
    return new Promise<never>(() => {});
  });
}

/** drizzle keeps a transaction's connection to itself; hot statements must run on that same connection. */
function sessionClient(tx: object): Client {
  const session: unknown = Reflect.get(tx, 'session');
  return Reflect.get(session as object, 'client') as Client;
}

/** postgres.js sends an array only when told its type; PostgreSQL reads the text form into whatever type it expects. */
function arrayAsText(parameter: unknown): unknown {
  if (!Array.isArray(parameter)) return parameter;
  const texts: string[] = [];
  let last: unknown;
  for (const element of parameter as unknown[]) {
    // In a batch neighbours are often the same.
    texts.push(texts.length > 0 && element === last ? (texts.at(-1) ?? '') : elementAsText(element));
    last = element;
  }
  return `{${texts.join()}}`;
}

function elementAsText(element: unknown): string {
  if (element === null || element === undefined) return 'NULL';
  if (typeof element === 'string') return `"${/["\\]/.test(element) ? element.replace(/["\\]/g, '\\$&') : element}"`;
  return JSON.stringify(element);
}
