import type { BrowserContext } from 'playwright-core';
import { buildPagesIfNeeded } from '../../scripts/build-pages.ts';
import { freshDatabase } from './fresh-database.ts';
import { startServer } from './server-process.ts';

export type RunningService = {
  /** Where the pages and the API are, without a slash at the end. */
  url: string;
  /** Everything that the server wrote. */
  log(): string;
  stop(): Promise<void>;
};

/** A working Tuesday before the order cut-off: lunch of the day can be ordered, tomorrow's menu is not out yet. */
export const tuesdayMorning = '2026-11-24T08:30';

/**
 * The whole service as `npm start` runs it, on a database of its own with the demo site, its clock started at `now` (local time of the
 * site). A PostgreSQL, since it starts in a third of the time that the embedded one takes. Builds the pages first if needed. Throws
 * with the server's output when it is not ready within a minute.
 */
export async function startService(now: string = tuesdayMorning): Promise<RunningService> {
  await buildPagesIfNeeded();
  const server = await startServer({
    DATABASE_URL: await freshDatabase(),
    DEMO: 'on',
    DEMO_NOW: now,
    SESSION_SECRET: 'a-secret-of-the-browser-tests-0123456789',
  });
  const stop = async () => {
    server.signal('SIGTERM');
    await server.ended;
  };
  return { url: server.url, log: () => server.output() + server.errors(), stop };
}

/** Phones of the demo people, by what they are. */
export const demoPhones = {
  resident: '13800000001',
  employee: '13800000002',
  parent: '13800000003',
  canteenManager: '13800000004',
  dispatcher: '13800000005',
  provider: '13800000007',
  committee: '13800000008',
  administrator: '13800000009',
} as const;

/** Signs a demo person in through the API; the browser context keeps the cookie. */
export async function signIn(context: BrowserContext, url: string, phone: string): Promise<void> {
  const code = await context.request.post(`${url}/api/v1/auth/otp`, { data: { phone } });
  const { demoCode } = (await code.json()) as { demoCode: string };
  const session = await context.request.post(`${url}/api/v1/auth/session`, { data: { phone, code: demoCode } });
  if (session.status() !== 201) throw new Error(`sign-in of ${phone} answered ${session.status()}`);
}
