import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { drizzle } from 'drizzle-orm/pglite';
import type { Db, OpenDb, Row } from './db.ts';
import * as schema from './schema/index.ts';

/** Thrown when another process has the embedded database open; PGlite itself would let both write and break it. */
export class DatabaseInUse extends Error {
  override name = 'DatabaseInUse';
}

/**
 * Opens the embedded PostgreSQL (PGlite) in `folder`, or in memory when there is none.
 * @throws DatabaseInUse when a living process holds the folder.
 */
export async function openEmbedded(folder?: string): Promise<OpenDb> {
  const release = folder ? await lockFolder(folder) : () => {};
  try {
    const client = await PGlite.create({
      ...(folder ? { dataDir: join(folder, 'postgres') } : {}),
      extensions: { btree_gist },
      parsers: {
        [types.INT8]: Number,
        [types.DATE]: (text: string) => text,
        [types.TIMESTAMPTZ]: (text: string) => new Date(text).getTime(),
      },
    });
    await client.exec(`SET TIME ZONE 'UTC'`);
    const orm = drizzle(client, { schema });
    return {
      ...wrap(orm, client),
      flavour: 'embedded',
      connections: 1,
      // It is in this process: there is no connection that could be lost.
      giveUpAfter: () => {},
      close: async () => {
        await client.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

type Orm = ReturnType<typeof drizzle<typeof schema>>;
type Client = Pick<PGlite, 'query'>;

function wrap(orm: Orm | Parameters<Parameters<Orm['transaction']>[0]>[0], client: Client): Db {
  return {
    orm,
    query: async <R extends object = Row>(text: string, parameters: readonly unknown[] = []) => {
      const { rows } = await client.query<R>(text, [...parameters]);
      return rows;
    },
    transaction: (work) => orm.transaction((tx) => work(wrap(tx, sessionClient(tx)))),
    // In the same process there is nobody to wait for.
    pipelined: (work) =>
      orm.transaction(async (tx) => {
        const { value, last } = await work(wrap(tx, sessionClient(tx)));
        await Promise.all(last);
        return value;
      }),
  };
}

/** drizzle keeps a transaction's connection to itself; hot statements must run on that same connection. */
function sessionClient(tx: object): Client {
  const session: unknown = Reflect.get(tx, 'session');
  return Reflect.get(session as object, 'client') as Client;
}

/** A process that was killed is there for moments more: who starts it again at once waits for it. */
const patience = { milliseconds: 3_000, lookAgainMilliseconds: 50 };

/** Takes the folder for this process; a lock that a dead process left behind is taken over. */
async function lockFolder(folder: string): Promise<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const until = performance.now() + patience.milliseconds;
  for (;;) {
    if (takeLock(path)) return () => rmSync(path, { force: true });
    const holder = holderOf(path);
    if (holder === process.pid || (holder !== null && !isAlive(holder))) rmSync(path, { force: true });
    else if (holder !== null && performance.now() > until)
      throw new DatabaseInUse(`${folder} is in use by process ${holder}; stop it, or set DATA_DIR to another folder`);
    else await sleep(patience.lookAgainMilliseconds);
  }
}

/** Null when the lock has just gone. */
function holderOf(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** False when somebody has it. */
function takeLock(path: string): boolean {
  try {
    writeLock(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function writeLock(path: string): void {
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, String(process.pid));
  closeSync(file);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
