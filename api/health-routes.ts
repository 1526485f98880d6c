import { Hono } from 'hono';
import { pendingMigrations } from '../db/migration-names.ts';
import type { AppEnv } from './http/environment.ts';

/** For load balancers: `live` says that the process answers, `ready` that its database does and is migrated. */
export const healthRoutes = new Hono<AppEnv>()
  .get('/health/live', (c) => c.json({ status: 'live' }))
  .get('/health/ready', async (c) => {
    const { db, log } = c.get('deps');
    try {
      const pending = await pendingMigrations(db);
      return pending.length === 0
        ? c.json({ status: 'ready' })
        : c.json({ status: 'migrations pending', pending }, 503);
    } catch (error) {
      log('error', 'the database does not answer', { error: error instanceof Error ? error.message : String(error) });
      return c.json({ status: 'database unavailable' }, 503);
    }
  });
