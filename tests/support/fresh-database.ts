import { inject } from 'vitest';
import { openDb } from '../../db/open.ts';
import { createDatabaseOn } from './postgres.ts';

/** The address of a new database on the run's PostgreSQL, a copy of the migrated template if there is one. */
export function freshDatabase(): Promise<string> {
  return createDatabaseOn(inject('postgresUrl'), { template: inject('postgresTemplate') });
}

/** The server looks for deadlocks only when a session has waited for a second; a test need not wait so long. */
export async function lookForDeadlocksSoon(url: string): Promise<void> {
  const db = await openDb({ url, connections: 1 });
  await db.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET deadlock_timeout = '20ms'`);
  await db.close();
}
