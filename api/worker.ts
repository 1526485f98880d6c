import pages from '#pages';
import type { Db } from '../db/db.ts';
import { openWorkerDb } from '../db/open-worker.ts';
import { createApp, isApiPath } from './app.ts';
import { clockFrom } from './clock.ts';
import { readConfig } from './config.ts';
import { createDeps, createMemory, type Memory } from './deps.ts';
import { httpGateOf } from './gates/http-gate.ts';
import type { Deps } from './http/environment.ts';
import { createLog } from './log.ts';
import { writeDownWishes } from './services/registry.ts';
import { startOfClock } from './start-of-clock.ts';
import { sweep } from './sweep.ts';

type Context = { waitUntil(work: Promise<unknown>): void };
type Fetch = (request: Request) => Promise<Response>;

/** Bindings and variables of wrangler.toml. */
type Env = Record<string, unknown> & { HYPERDRIVE: { connectionString: string } };

/** What Kit's pages find as `event.platform.env`: the bindings, and the API without a way over the network. */
type PagesEnv = Env & { api: { fetch: Fetch } };

/** What lives as long as the isolate: the clock, and what is remembered between requests. Never a connection. */
type Isolate = ReturnType<typeof startIsolate>;
let isolate: Isolate | null = null;

export default {
  /** API and health are answered here; everything else is a page. */
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname } = new URL(request.url);
    const api = openApi(env);
    try {
      if (isApiPath(pathname)) return await api.fetch(request);
      return await pages.fetch(request, { ...env, api: { fetch: api.fetch } } satisfies PagesEnv, context);
    } finally {
      context.waitUntil(api.close());
    }
  },

  /** Once a minute (wrangler.toml): what has to be done as time goes on. */
  async scheduled(_event: unknown, env: Env): Promise<void> {
    const { clock, config, memory } = (isolate ??= startIsolate(env));
    const db = openWorkerDb(env.HYPERDRIVE.connectionString);
    try {
      await sweep(db, clock, config.siteCode, { gated: httpGateOf(config), staffed: null }, memory.wishes);
    } finally {
      await db.close();
    }
  },
};

/**
 * The API for one request. Workers may not use another request's connection, so the database is opened at the first call
 * of this one, which a page without data never makes; Hyperdrive keeps the real connections.
 */
function openApi(env: Env): { fetch: Fetch; close(): Promise<void> } {
  let opened: { fetch: Fetch; close(): Promise<void> } | null = null;
  const open = () => {
    isolate ??= startIsolate(env);
    const { clock, config, memory, log } = isolate;
    const db = openWorkerDb(env.HYPERDRIVE.connectionString);
    const app = createApp(createDeps(db, clock, config, memory, { log, addressOf, live: null }));
    const close = async () => {
      try {
        await writeDown(db, memory, log);
      } finally {
        await db.close();
      }
    };
    return { fetch: async (request: Request) => app.fetch(request), close };
  };
  return {
    fetch: (request) => (opened ??= open()).fetch(request),
    close: async () => opened?.close(),
  };
}

/** The sweep runs in whatever isolate is at hand: what this one has counted, it writes down itself, once the request is answered. */
async function writeDown(db: Db, { surroundings, wishes }: Memory, log: Deps['log']): Promise<void> {
  if (wishes.isEmpty() || surroundings.value === null) return;
  try {
    await writeDownWishes(db, surroundings.value.site.id, wishes);
  } catch (error) {
    log('warn', 'wishes were not written down', { error: error instanceof Error ? error.message : String(error) });
  }
}

/** Reads the configuration and starts the clock; at the first request, since Workers have no time before it. */
function startIsolate(env: Env) {
  const config = readConfig({ ...variables(env), DATABASE_URL: env.HYPERDRIVE.connectionString });
  // With DATABASE_URL set, readConfig insists on the secret.
  const memory = createMemory(config, config.sessionSecret ?? '');
  return { config, memory, clock: clockFrom(startOfClock(config), () => Date.now()), log: createLog(config.logLevel) };
}

/** The bindings that are plain text: what `[vars]` and secrets say. */
function variables(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The caller's address as Cloudflare tells it; a call that a page makes in process has none. */
function addressOf(request: Request): string | null {
  return request.headers.get('cf-connecting-ip');
}
