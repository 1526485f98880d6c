import type { OpenDb } from './db.ts';
import { openPostgres } from './postgres.ts';

/** Opens PostgreSQL behind Hyperdrive for one request; Hyperdrive does the pooling, so a few connections suffice. */
export function openWorkerDb(connectionString: string): OpenDb {
  return openPostgres(connectionString, 5);
}
