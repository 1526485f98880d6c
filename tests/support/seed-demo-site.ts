import { parseInstant } from '../../api/calendar/time.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import { migrate } from '../../db/migrate.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { loadSeed } from '../../db/seed/load.ts';

/** Brings a database up to date: the migrations alone. */
export async function migrateDatabase(url: string): Promise<void> {
  const db = await openDb({ url, connections: 1 });
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
}

/** Fills a database with the Caohejing site, the demo people and the slots of the coming weeks; `now` is RFC 3339. */
export async function seedDemoSite(url: string, now: string): Promise<void> {
  const db = await openDb({ url, connections: 1 });
  try {
    await migrate(db);
    await loadSeed(db, parseInstant(now));
    await topUpSlots(db, await loadSurroundings(db, siteRow.code), parseInstant(now));
  } finally {
    await db.close();
  }
}
