import pages from '#pages';
import { openWorkerDb } from '../db/open-worker.ts';
import { createApp } from './app.ts';
import { clockFrom } from './clock.ts';
import { readConfig } from './config.ts';
import { createEngine } from './engine/create-engine.ts';

type Context = { waitUntil(work: Promise<unknown>): void };
type Fetch = (request: Request) => Promise<Response>;

/** Bindings and variables of wrangler.toml. */
type Env = Record<string, unknown> & { HYPERDRIVE: { connectionString: string } };

/** What Kit's pages find as `event.platform.env`: the bindings, and the API without a way over the network. */
type PagesEnv = Env & { api: { fetch: Fetch } };

export default {
  /** API and health are answered here; everything else is a page. */
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname } = new URL(request.url);
    const api = openApi(env, context);
    try {
      if (pathname.startsWith('/api/') || pathname.startsWith('/health/')) return await api.fetch(request);
      return await pages.fetch(request, { ...env, api: { fetch: api.fetch } } satisfies PagesEnv, context);
    } finally {
      context.waitUntil(api.close());
    }
  },
};

/**
 * The API for one request. Workers may not use another request's connection, so the database is opened at the first call
 * of this one, which a page without data never makes; Hyperdrive keeps the real connections.
 */
function openApi(env: Env, context: Context): { fetch: Fetch; close(): Promise<void> } {
  let opened: { fetch: Fetch; close(): Promise<void> } | null = null;
  const open = () => {
    const config = readConfig({ ...variables(env), DATABASE_URL: env.HYPERDRIVE.connectionString });
    const db = openWorkerDb(env.HYPERDRIVE.connectionString);
    const clock = clockFrom(null, Date.now);
    const runtime = { waitUntil: (work: Promise<unknown>) => context.waitUntil(work) };
    const app = createApp({ db, engine: createEngine({ db, clock }), clock, config, runtime });
    return { fetch: async (request: Request) => app.fetch(request), close: () => db.close() };
  };
  return {
    fetch: (request) => (opened ??= open()).fetch(request),
    close: async () => opened?.close(),
  };
}

/** The bindings that are plain text: what `[vars]` and secrets say. */
function variables(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
