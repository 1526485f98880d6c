import { fork, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openDb } from '../db/open.ts';
import type { OpenDb } from '../db/db.ts';
import { migrateDatabase, seedDemoSite } from '../tests/support/seed-demo-site.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import type { LoadOrder, LoadReport } from './load/process.ts';
import { benchNowText } from './settings.ts';

/** A real PostgreSQL that keeps what it has said it keeps, and a database with the demo site on it. */
export type Stage = {
  url: string;
  version: string;
  /** Process id of the PostgreSQL server. */
  pid: number;
  db: OpenDb;
  stop: () => Promise<void>;
};

/** The service in a process of its own. */
export type Service = { url: string; pid: number; stop: () => Promise<void> };

export async function openStage(): Promise<Stage> {
  const server = await startPostgres({ durable: true, migrate: migrateDatabase });
  const url = await server.createDatabase();
  await seedDemoSite(url, benchNowText);
  const db = await openDb({ url });
  await ageLog(url);
  const [durability] = await db.query<{ fsync: string; commit: string }>(
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
  );
  if (durability?.fsync !== 'on' || durability.commit !== 'on') throw new Error('the bench wants a durable PostgreSQL');
  return {
    url,
    version: server.version,
    pid: server.pid,
    db,
    stop: async () => {
      await db.close();
      await server.stop();
    },
  };
}

const agedSegments = 50;

/**
 * Brings the server's log to the state in which it is after some hours of use: its segments are used again. A new server makes each one
 * first, 16 MB of zeros, and nobody's commit goes on meanwhile.
 */
async function ageLog(url: string): Promise<void> {
  const db = await openDb({ url, connections: 1 });
  // As much is kept for use as was written between the last checkpoints.
  for (let segment = 0; segment < agedSegments; segment++) {
    await db.query(
      `SELECT pg_logical_emit_message(false, 'bench', repeat('x', 1024 * 1024)) FROM generate_series(1, 16)`,
    );
    await db.query('SELECT pg_switch_wal()');
  }
  await db.query('CHECKPOINT');
  await db.close();
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function start(script: string, env: Record<string, string> = {}): ChildProcess {
  const child = fork(resolve(import.meta.dirname, script), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv: [],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function messageOf<Message>(child: ChildProcess, what: string): Promise<Message> {
  return new Promise((done, fail) => {
    child.once('message', (message) => done(message as Message));
    child.once('exit', (code) => fail(new Error(`${what} ended with ${code}`)));
  });
}

/** Starts the service in a process of its own. */
export async function startService(databaseUrl: string): Promise<Service> {
  const child = start('server.ts', { DATABASE_URL: databaseUrl });
  const { url } = await messageOf<{ url: string }>(child, 'the service');
  return {
    url,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((done) => {
        child.once('exit', () => done());
        child.disconnect();
      }),
  };
}

/** Sends a load from a process of its own and waits for what came of it. */
export async function sendLoad(order: LoadOrder): Promise<LoadReport> {
  const generator = talkTo<LoadOrder, LoadReport>('load/process.ts');
  generator.tell(order);
  try {
    return await generator.answer();
  } finally {
    generator.end();
  }
}

/** Starts a script in a process of its own that is told things and answers. It ends when it is not listened to any more. */
export function talkTo<Told extends object, Answer>(script: string) {
  const child = start(script);
  return {
    tell: (told: Told) => void child.send(told),
    answer: () => messageOf<Answer>(child, script),
    end: () => {
      if (child.connected) child.disconnect();
      child.kill();
    },
  };
}

/** Seconds of processor time that the service and all sessions of PostgreSQL have used so far; zero where the kernel does not tell. */
export function cpuOf({ stage, service }: { stage: Stage; service: Service }): { service: number; postgres: number } {
  const processes = procEntries();
  const seconds = (chosen: typeof processes) => chosen.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
  return {
    service: seconds(processes.filter(({ pid }) => pid === service.pid)),
    postgres: seconds(processes.filter(({ parent }) => parent === stage.pid)),
  };
}

/** Linux counts in hundredths. */
const ticksPerSecond = 100;

function procEntries(): { pid: number; parent: number; ticks: number }[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const fields = statOf(name)?.split(') ')[1]?.split(' ').map(Number) ?? [];
        return [{ pid: Number(name), parent: fields[1] ?? 0, ticks: (fields[11] ?? 0) + (fields[12] ?? 0) }];
      });
  } catch {
    return []; // no /proc on this system
  }
}

function statOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // it has ended meanwhile
  }
}
