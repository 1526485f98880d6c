import type { TestProject } from 'vitest/node';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { migrateDatabase } from './seed-demo-site.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's address of the server; `freshDatabase()` makes a database of one's own. */
    postgresUrl: string;
    /** The migrated database that fresh ones copy, or null. */
    postgresTemplate: string | null;
    postgresVersion: string;
  }
}

/** One server for all projects of a run with the same durability; each project's setup is loaded on its own. */
type Shared = { server: Promise<TestPostgres>; users: number };
const shared: Map<boolean, Shared> = ((globalThis as { chaoxiPostgres?: Map<boolean, Shared> }).chaoxiPostgres ??=
  new Map());

/** Vitest's global setup: starts the server, hands its address to the tests and stops it after the last project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Only the fault tests may be about what has reached the disk.
  const durable = project.name === 'fault';
  const entry = shared.get(durable) ?? { server: startPostgres({ durable, migrate: migrateDatabase }), users: 0 };
  shared.set(durable, entry);
  entry.users += 1;
  const server = await entry.server;
  project.provide('postgresUrl', server.url);
  project.provide('postgresTemplate', server.template);
  project.provide('postgresVersion', server.version);
  return async () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    shared.delete(durable);
    await server.stop();
  };
}
