import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Diagnosis } from '../../api/engine/doctor.ts';
import { openDb } from '../../db/open.ts';
import { freePort } from '../support/postgres.ts';
import { seededDatabase } from '../support/racing.ts';

const folder = mkdtempSync(join(tmpdir(), 'chaoxi-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as `npm run doctor` does. */
function doctor(env: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/doctor.ts', ...args], {
    cwd: resolve(import.meta.dirname, '../..'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return { status, stdout, stderr };
}

test('a sound database is said to be so, an invariant a line', async () => {
  const { status, stdout } = doctor({ DATABASE_URL: await seededDatabase() });
  expect(stdout.match(/^✓ [1-6]\. /gm)).toHaveLength(6);
  expect(status).toBe(0);
});

test('a broken row is named with its invariant, for people and for programs', async () => {
  const url = await seededDatabase();
  const db = await openDb({ url, connections: 1 });
  const [slot] = await db.query<{ id: number }>(
    'UPDATE slot SET taken = 1 WHERE id = (SELECT min(id) FROM slot) RETURNING id',
  );
  await db.close();
  const { status, stdout } = doctor({ DATABASE_URL: url });
  expect(stdout).toMatch(/^✗ 1\. /m);
  expect(stdout).toContain(`slot ${slot?.id}: 1 taken, 0 in lines`);
  expect(status).toBe(1);
  const asJson = doctor({ DATABASE_URL: url }, '--json');
  expect(JSON.parse(asJson.stdout) as Diagnosis).toEqual({
    broken: [
      {
        invariant: 1,
        rule: 'taken equals the units that bookings hold',
        siteId: 1,
        row: `slot ${slot?.id}`,
        found: '1 taken, 0 in lines',
      },
    ],
    cutRules: [],
  });
  expect(asJson.status).toBe(1);
});

test('what it cannot look at is told in one line, and is not called sound', async () => {
  const inUse = join(folder, 'in-use');
  mkdirSync(join(inUse, 'postgres'), { recursive: true });
  writeFileSync(join(inUse, 'lock'), String(process.pid));
  const cases = [
    doctor({ DATA_DIR: join(folder, 'nothing-there') }),
    doctor({ DATA_DIR: inUse }),
    doctor({ DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/nothing` }),
    doctor({ DATABASE_URL: 'http://x' }),
    doctor({ DATA_DIR: inUse }, '--limit', 'many'),
    doctor({ DATA_DIR: inUse }, '--unknown'),
  ];
  for (const { status, stdout, stderr } of cases) {
    expect(stderr).toMatch(/^The doctor cannot look: .+\n$/);
    expect([status, stdout]).toEqual([2, '']);
  }
  expect(
    cases.map(
      ({ stderr }) => /no database in|is in use by|ECONNREFUSED|must begin|--limit|--unknown/.exec(stderr)?.[0],
    ),
  ).toEqual(['no database in', 'is in use by', 'ECONNREFUSED', 'must begin', '--limit', '--unknown']);
});
