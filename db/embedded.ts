import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
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
  const release = folder ? lockFolder(folder) : () => {};
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

/** Takes the folder for this process; a lock that a dead process left behind is taken over. */
function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  try {
    writeLock(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder !== process.pid && isAlive(holder)) {
      throw new DatabaseInUse(`${folder} is in use by process ${holder}; stop it, or set DATA_DIR to another folder`, {
        cause: error,
      });
    }
    rmSync(path, { force: true });
    writeLock(path);
  }
  return () => rmSync(path, { force: true });
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
