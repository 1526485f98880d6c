import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

type Checksums = Record<string, string>;

/** Migrations whose checksum is not recorded, those edited since, and those recorded but gone. */
export type MigrationChanges = { added: string[]; edited: string[]; missing: string[] };

const migrations = resolve(import.meta.dirname, '../db/migrations');

/** Compares the migrations in a folder with its `checksums.json`. */
export function migrationChanges(folder = migrations): MigrationChanges {
  const recorded = recordedChecksums(folder);
  const files = migrationFiles(folder);
  return {
    added: files.filter((file) => !(file in recorded)),
    edited: files.filter((file) => file in recorded && recorded[file] !== checksum(join(folder, file))),
    missing: Object.keys(recorded).filter((file) => !files.includes(file)),
  };
}

/** Records the checksums of new migrations and returns their names. Throws when a recorded one was edited or removed. */
export function freezeMigrations(folder = migrations): string[] {
  const { added, edited, missing } = migrationChanges(folder);
  if (edited.length > 0) throw new Error(`Landed migrations are never edited, write a new one: ${edited.join(', ')}`);
  if (missing.length > 0) throw new Error(`Landed migrations are never removed: ${missing.join(', ')}`);
  const checksums = recordedChecksums(folder);
  for (const file of added) checksums[file] = checksum(join(folder, file));
  writeFileSync(join(folder, 'checksums.json'), `${JSON.stringify(checksums, null, 2)}\n`);
  return added;
}

/** The SQL files of a migrations folder, in the order in which they run. */
export function migrationFiles(folder = migrations): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted();
}

function recordedChecksums(folder: string): Checksums {
  const path = join(folder, 'checksums.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Checksums) : {};
}

function checksum(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

if (import.meta.main) {
  try {
    const added = freezeMigrations();
    console.log(added.length > 0 ? `Frozen: ${added.join(', ')}` : 'No new migrations.');
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
