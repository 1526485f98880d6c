import type { Db } from './db.ts';
import journal from './migrations/meta/_journal.json' with { type: 'json' };

/** The migrations of this release in order, by name; known without reading files, since Workers have none. */
export const migrationNames: readonly string[] = journal.entries.map((entry) => entry.tag);

/** Names of migrations of this release that the database does not have. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const rows = await db.query<{ name: string }>('SELECT name FROM migration');
  const done = new Set(rows.map((row) => row.name));
  return migrationNames.filter((name) => !done.has(name));
}
