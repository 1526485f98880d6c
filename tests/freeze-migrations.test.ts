import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freezeMigrations, migrationChanges } from '../scripts/freeze-migrations.ts';

let folder = '';
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaoxi-freeze-'));
  write('0000_first.sql', 'create table a ();');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a new migration is recorded once', () => {
  expect(freezeMigrations(folder)).toEqual(['0000_first.sql']);
  expect(freezeMigrations(folder)).toEqual([]);
  expect(migrationChanges(folder)).toEqual({ added: [], edited: [], missing: [] });
});

test('an edited migration is seen, and freezing it is refused', () => {
  freezeMigrations(folder);
  const before = readFileSync(join(folder, 'checksums.json'), 'utf8');
  write('0000_first.sql', 'create table b ();');
  expect(migrationChanges(folder).edited).toEqual(['0000_first.sql']);
  expect(() => freezeMigrations(folder)).toThrow('never edited');
  expect(readFileSync(join(folder, 'checksums.json'), 'utf8')).toBe(before);
});

test('a removed migration is seen, and freezing without it is refused', () => {
  freezeMigrations(folder);
  rmSync(join(folder, '0000_first.sql'));
  expect(migrationChanges(folder).missing).toEqual(['0000_first.sql']);
  expect(() => freezeMigrations(folder)).toThrow('never removed');
});

test('a migration that nobody froze is seen', () => {
  freezeMigrations(folder);
  write('0001_second.sql', 'create table c ();');
  expect(migrationChanges(folder).added).toEqual(['0001_second.sql']);
});
