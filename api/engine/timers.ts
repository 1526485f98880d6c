import { transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';

/** Moments that slots declare, and which slots have them; each has a partial index of its own. */
const timers = {
  /** Index: slot_counting_no_shows. */
  'no-show': { moment: 'check_in_until', condition: 'counts_no_shows' },
  /** Index: slot_reminding. */
  reminder: { moment: 'remind_at', condition: 'remind_at IS NOT NULL' },
} as const;
export type TimerName = keyof typeof timers;

/** Slots whose moment has come, and how many of their bookings to do at most. */
export type Due = { slotIds: readonly number[]; limit: number };

const slotsPerBatch = 200;
const bookingsPerBatch = 500;

/**
 * Does what is due of a timer up to now, batch after batch: goes from moment to moment of the slots and remembers how far it has come, so
 * that no slot is looked at twice. One process at a time works on it, the others pass it over. `work` does at most `limit` bookings, must
 * be harmless when it is repeated, and says how many it found and how many it did.
 * @returns how many were done.
 */
export async function runTimer(
  db: Db,
  { siteId, name, now }: { siteId: number; name: TimerName; now: Instant },
  work: (tx: Db, due: Due) => Promise<{ found: number; done: number }>,
): Promise<number> {
  for (let total = 0; ;) {
    const { done, isOver } = await transactionWithRetry(db, async (tx) => {
      const mark = await lockMark(tx, siteId, name);
      if (mark === 'taken') return { done: 0, isOver: true };
      const { slotIds, upTo } = await dueSlots(tx, { siteId, name, mark, now });
      const batch = slotIds.length === 0 ? { found: 0, done: 0 } : await work(tx, { slotIds, limit: bookingsPerBatch });
      // Else there may be more bookings of these slots.
      const isThrough = batch.found < bookingsPerBatch;
      if (isThrough) await moveMark(tx, siteId, name, upTo);
      return { done: batch.done, isOver: isThrough && upTo === now };
    });
    total += done;
    if (isOver) return total;
  }
}

/** Where the timer stands, null at its beginning; `taken` when another process works on it. */
async function lockMark(tx: Db, siteId: number, name: TimerName): Promise<Instant | null | 'taken'> {
  const find = () =>
    tx.query<{ passed: Instant | null }>(
      'SELECT passed FROM timer WHERE site_id = $1 AND name = $2 FOR UPDATE SKIP LOCKED',
      [siteId, name],
    );
  const [known] = await find();
  if (known) return known.passed;
  await tx.query('INSERT INTO timer (site_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [siteId, name]);
  const [made] = await find();
  return made ? made.passed : 'taken';
}

/** The next slots whose moment lies between the mark and now, all of one moment together, and up to which instant these are all. */
async function dueSlots(
  tx: Db,
  { siteId, name, mark, now }: { siteId: number; name: TimerName; mark: Instant | null; now: Instant },
): Promise<{ slotIds: number[]; upTo: Instant }> {
  const { moment, condition } = timers[name];
  const slots = await tx.query<{ id: number; moment: Instant }>(
    `SELECT id, ${moment} AS moment FROM slot WHERE site_id = $1 AND ${condition} AND ${moment} > $2 AND ${moment} <= $3
     ORDER BY ${moment} FETCH FIRST ${slotsPerBatch} ROWS WITH TIES`,
    [siteId, mark === null ? '-infinity' : toTimestamp(mark), toTimestamp(now)],
  );
  const last = slots.at(-1);
  const upTo = last && slots.length >= slotsPerBatch ? last.moment : now;
  return { slotIds: slots.map(({ id }) => id), upTo };
}

/** Also backwards, when a demo's clock was set back. */
async function moveMark(tx: Db, siteId: number, name: TimerName, passed: Instant): Promise<void> {
  await tx.query('UPDATE timer SET passed = $3 WHERE site_id = $1 AND name = $2', [siteId, name, toTimestamp(passed)]);
}
