import type { Queries } from '../../db/db.ts';

/** Makes each change of a slot take some milliseconds, so that two who write slots at once do meet. */
export async function slowDownSlots(db: Queries): Promise<void> {
  await db.query(
    `CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.003); RETURN NEW; END'`,
  );
  await db.query('CREATE TRIGGER take_time BEFORE UPDATE ON slot FOR EACH ROW EXECUTE FUNCTION take_time()');
}
