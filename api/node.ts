import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { migrate } from '../db/migrate.ts';
import { openDb } from '../db/open.ts';
import { isConnectionLost, type OpenDb } from '../db/db.ts';
import { loadSeed } from '../db/seed/load.ts';
import { createApp, isApiPath } from './app.ts';
import { clockFrom, type Clock } from './clock.ts';
import { BadConfiguration, type Config } from './config.ts';
import { createDeps, createMemory } from './deps.ts';
import { fileGate } from './gates/file-gate.ts';
import { httpGateOf } from './gates/http-gate.ts';
import type { Deps } from './http/environment.ts';
import { createTurns } from './http/turns.ts';
import { createLive } from './live.ts';
import { createLog } from './log.ts';
import { startOfClock } from './start-of-clock.ts';
import { startKeepingTime } from './keep-time.ts';
import { follow, momentsOf, startFollowing, startSweeping, sweep } from './sweep.ts';

/** Adds the pages to a server: answers what is not the API's. */
export type Pages = RequestListener;

/** Loads the built pages; what they need to know of their address is told before. */
export async function loadPages(config: Pick<Config, 'origin'>): Promise<Pages> {
  if (config.origin === null) process.env['PROTOCOL_HEADER'] = 'x-forwarded-proto';
  // The file of a roster, 1 MiB, written as text in a form; pages without files keep to 64 KiB (web/src/hooks.server.ts).
  process.env['BODY_SIZE_LIMIT'] ??= '1536K';
  const path = new URL('../build/node/handler.js', import.meta.url).href;
  const { handler } = (await import(path)) as { handler: Pages };
  return handler;
}

export type Running = { url: string; db: OpenDb; stop: () => Promise<void> };

/** Told what is being done, so that whoever waits can see it. */
export type Progress = (step: string) => void;

/** Opens the database, brings it up to date, and serves the API and the pages in one process. */
export async function serve(config: Config, pages: Pages, progress: Progress = () => {}): Promise<Running> {
  const clock = clockFrom(startOfClock(config), () => Date.now());
  progress('url' in config.database ? 'connecting to PostgreSQL' : 'opening the embedded PostgreSQL');
  const db = await openDb(config.database);
  try {
    if ('url' in config.database) await reach(db);
    const { stopSweeping, deps } = await prepare(config, db, clock, progress);
    // What is done at the start may take its time; a request may not.
    db.giveUpAfter(2 * config.requestDeadlineMilliseconds);
    const forgetLost = outliveLostConnections(deps.log);
    const server = createServer(dispatcher(deps, pages));
    await listen(server, config);
    const { port } = server.address() as AddressInfo;
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      url: `http://${host}:${port}`,
      db,
      stop: async () => {
        await stopSweeping();
        deps.live?.end();
        await drain(server);
        await db.close();
        forgetLost();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/**
 * postgres.js 3.4 asks each new connection for its types and lets nobody hear when that one is lost meanwhile: an unhandled rejection, which
 * ends the process. Any other still does. @returns the way back.
 */
function outliveLostConnections(log: Deps['log']): () => void {
  const onUnhandled = (reason: unknown): void => {
    if (!isConnectionLost(reason)) throw reason;
    log('warn', 'a connection was lost while it opened', { error: String(reason) });
  };
  process.on('unhandledRejection', onUnhandled);
  return () => process.off('unhandledRejection', onUnhandled);
}

/** @throws BadConfiguration when the address does not lead to a database that lets us in: the operator's to mend. */
async function reach(db: OpenDb): Promise<void> {
  try {
    await db.query('SELECT 1');
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new BadConfiguration(`DATABASE_URL does not lead to a usable database: ${message || code}`, { cause: error });
  }
}

async function prepare(config: Config, db: OpenDb, clock: Clock, progress: Progress) {
  const applied = await migrate(db);
  if (applied.length > 0) progress(`migrated the database (${applied.length} steps)`);
  if (config.isDemo) {
    progress('loading the demo site');
    await loadSeed(db, clock.now());
  }
  progress('publishing slots');
  const log = createLog(config.logLevel);
  const gates = {
    gated: httpGateOf(config),
    staffed: config.gate.pushFolder ? fileGate(config.gate.pushFolder) : null,
  };
  const memory = createMemory(config, sessionSecret(config));
  const runSweep = () => sweep(db, clock, config.siteCode, gates, memory.wishes);
  await runSweep();
  const sweeper = startSweeping(runSweep, log);
  const timekeeper = startKeepingTime(momentsOf(db, clock, config.siteCode), clock, log);
  const live = createLive(db, clock, config.listeners, (error) =>
    log('warn', 'a look at the log failed', { error: error instanceof Error ? error.message : String(error) }),
  );
  const follower = startFollowing(() => follow(db, clock, config.siteCode, gates), log);
  const wake = () => {
    live.wake();
    if (gates.gated !== null || gates.staffed !== null) follower.wake();
  };
  const deps = createDeps(db, clock, config, memory, { log, addressOf, live: { ...live, wake } });
  return { deps, stopSweeping: () => Promise.all([sweeper.stop(), timekeeper.stop(), follower.stop()]) };
}

type ApiRequest = IncomingMessage & { chaoxiApi?: { fetch: (request: Request) => Promise<Response> } };

/** API calls go straight to the app; pages get the app at hand, so that their own calls need no network. */
function dispatcher(deps: Deps, pages: Pages): RequestListener {
  const app = createApp(deps);
  const answerApi = getRequestListener((request, bindings) => app.fetch(request, bindings));
  const api = { fetch: async (request: Request) => app.fetch(request) };
  const inTurn = createTurns();
  return (request: ApiRequest, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (isApiPath(path)) {
      // Asked for once, it is known when its turn comes, even if the caller has gone by then: nobody escapes being counted.
      void request.socket.remoteAddress;
      return inTurn(() => void answerApi(request, response));
    }
    request.chaoxiApi = api;
    // The pages must know whether they were reached over TLS; only a proxy that is said to be there is believed.
    if (deps.config.origin === null) request.headers['x-forwarded-proto'] = 'http';
    return pages(request, response);
  };
}

/** A call that a page makes in process has no address: it is not limited as a stranger's. */
function addressOf(_request: Request, bindings: unknown): string | null {
  const incoming = (bindings as { incoming?: IncomingMessage } | undefined)?.incoming;
  return incoming?.socket.remoteAddress ?? null;
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

const drainMilliseconds = 5_000;

/** Takes no new connections, lets what is under way finish, then closes what is left. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMilliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** The secret that signs sessions: the configured one, or one that is made once and kept beside the embedded data. */
function sessionSecret(config: Pick<Config, 'sessionSecret' | 'database'>): string {
  if (config.sessionSecret !== null) return config.sessionSecret;
  if ('url' in config.database) throw new Error('a session secret is needed with a PostgreSQL of your own');
  const path = join(config.database.folder, 'session-secret');
  mkdirSync(config.database.folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
