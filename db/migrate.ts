import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Db } from './db.ts';
import { migrationNames } from './migration-names.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Any number that nobody else locks by. */
const migrationLock = 7_282_026;

/**
 * Applies what is not applied yet, each migration in its own transaction, one process at a time.
 * @returns the names of those that were applied now.
 * @throws when an applied migration has been edited since.
 */
export async function migrate(db: Db): Promise<string[]> {
  await db.transaction(async (tx) => {
    // IF NOT EXISTS does not keep two processes apart: both may find nothing and make it.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await tx.query(
      'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
  });
  const applied: string[] = [];
  for (const name of migrationNames) {
    const text = readFileSync(new URL(`${name}.sql`, folder), 'utf8');
    if (await applyOnce(db, name, text)) applied.push(name);
  }
  return applied;
}

function applyOnce(db: Db, name: string, text: string): Promise<boolean> {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return db.transaction(async (tx) => {
    await tx.query('LOCK TABLE migration IN EXCLUSIVE MODE');
    const [known] = await tx.query<{ sha256: string }>('SELECT sha256 FROM migration WHERE name = $1', [name]);
    if (known && known.sha256 !== sha256) throw new Error(`migration ${name} was edited after it was applied`);
    if (known) return false;
    for (const statement of text.split('--> statement-breakpoint')) if (statement.trim()) await tx.query(statement);
    await tx.query('INSERT INTO migration (name, sha256) VALUES ($1, $2)', [name, sha256]);
    return true;
  });
}
