import type { OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';

/** Locks that somebody outside of the service holds, e.g. an operator with a forgotten transaction. */
export type HeldSlots = { letGo: () => Promise<void> };

/** Locks a resource's slots of a day from a session of its own, as `SELECT … FOR UPDATE` does, until it is told to let go. */
export async function holdSlots(url: string, resourceId: string, serviceDate: string): Promise<HeldSlots> {
  const db: OpenDb = await openDb({ url, connections: 1 });
  let letGo = () => {};
  const until = new Promise<void>((done) => (letGo = done));
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((held, failed) => {
    ended = db.transaction(async (tx) => {
      await tx.query('SELECT id FROM slot WHERE resource_id = $1 AND service_date = $2 FOR UPDATE', [
        resourceId,
        serviceDate,
      ]);
      held();
      await until;
    });
    ended.catch(failed);
  });
  return {
    letGo: async () => {
      letGo();
      await ended;
      await db.close();
    },
  };
}
