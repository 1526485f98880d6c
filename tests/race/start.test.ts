import { expect, inject, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import { migrationNames } from '../../db/migration-names.ts';
import { migrate } from '../../db/migrate.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { loadSeed } from '../../db/seed/load.ts';
import { createDatabaseOn } from '../support/postgres.ts';
import { now } from '../support/racing.ts';

test('eight processes that migrate, seed and publish at once do each of it once', async () => {
  const url = await createDatabaseOn(inject('postgresUrl'));
  const dbs = await Promise.all(Array.from({ length: 8 }, () => openDb({ url, connections: 2 })));
  // All connected before the first begins, so that they really meet.
  await Promise.all(dbs.map((db) => db.query('SELECT 1')));
  const at = parseInstant(now);

  const applied = await Promise.all(dbs.map((db) => migrate(db)));
  expect(applied.flat().toSorted()).toEqual([...migrationNames].toSorted());

  await Promise.all(dbs.map((db) => loadSeed(db, at)));
  const made = await Promise.all(dbs.map(async (db) => topUpSlots(db, await loadSurroundings(db, siteRow.code), at)));
  const [count] = await dbs[0]!.query<{ slots: number }>('SELECT count(*)::int AS slots FROM slot');
  expect(made.reduce((sum, slots) => sum + slots, 0)).toBe(count?.slots);
  expect(count?.slots).toBeGreaterThan(1000);
  await Promise.all(dbs.map((db) => db.close()));
});
