import { inject } from 'vitest';
import { createDatabaseOn } from './postgres.ts';

/** The address of a new database on the run's PostgreSQL, a copy of the migrated template if there is one. */
export function freshDatabase(): Promise<string> {
  return createDatabaseOn(inject('postgresUrl'), { template: inject('postgresTemplate') });
}
