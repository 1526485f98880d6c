import { afterEach, describe, expect, test } from 'vitest';
import { createEventLog, type EventLog } from '../../api/engine/event-log.ts';
import { maxEvents } from '../../api/engine/read-log.ts';
import type { Db, OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { waitUntil } from '../support/wait-until.ts';
import { seededDatabase } from '../support/racing.ts';

const siteId = 1;
let opened: OpenDb[] = [];
afterEach(async () => {
  await Promise.all(opened.map((db) => db.close()));
  opened = [];
});

/** A database with the demo site, a log over it that has begun, and what it tells. */
async function aFollowedLog() {
  const url = await seededDatabase();
  const open = async (connections: number) => {
    const db = await openDb({ url, connections });
    opened.push(db);
    return db;
  };
  const db = await open(6);
  const slotIds = (await db.query<{ id: number }>('SELECT id FROM slot ORDER BY id')).map(({ id }) => id);
  const log = createEventLog(await open(2), siteId);
  await waitUntil('no transaction is left that was open before', async () => {
    await log.upToDate();
    return log.position() > 0 ? true : null;
  });
  const told: number[] = [];
  let gaps = 0;
  log.listen((changes) => (changes === 'anything' ? gaps++ : told.push(...changes.map(({ id }) => id))));
  return { db, log, slotIds, told, gaps: () => gaps, open };
}

async function writeEvents(tx: Db, slotIds: readonly number[]): Promise<void> {
  await tx.query(
    `INSERT INTO event (site_id, at, type, slot_id)
     SELECT 1, now(), 'slot.capacity-changed', u.id FROM unnest($1::bigint[]) AS u(id)`,
    [slotIds],
  );
}

/** Looks until the search of the log begins behind everything that is there now. */
async function readOn(db: Db, log: EventLog, slotIds: readonly number[]): Promise<void> {
  await writeEvents(db, slotIds.slice(0, 300));
  const [last] = await db.query<{ id: number }>('SELECT max(id) AS id FROM event');
  await waitUntil('the log is read on', async () => {
    await log.upToDate();
    return log.position() >= (last?.id ?? 0) ? true : null;
  });
}

/** Events that somebody finds who goes on after the last id that they saw. */
async function eventsAfter(db: Db, id: number): Promise<{ id: number; slotId: number }[]> {
  return db.query('SELECT id, slot_id AS "slotId" FROM event WHERE site_id = 1 AND id > $1 ORDER BY id', [id]);
}

describe('an event with a lower id that is committed later', () => {
  test('is told, although going on after the last id would miss it', async () => {
    const { db, log, slotIds, told } = await aFollowedLog();
    const [late = 0, early = 0] = slotIds;
    const [before] = await db.query<{ id: number }>('SELECT max(id) AS id FROM event');
    let seenByLastId: { id: number; slotId: number }[] = [];
    await db.transaction(async (tx) => {
      await writeEvents(tx, [late]);
      await writeEvents(db, [early]);
      await log.upToDate();
      expect(told).toEqual([early]);
      seenByLastId = await eventsAfter(db, before?.id ?? 0);
    });
    await log.upToDate();
    expect(told).toEqual([early, late]);
    const afterwards = await eventsAfter(db, seenByLastId.at(-1)?.id ?? 0);
    expect([...seenByLastId, ...afterwards].map(({ slotId }) => slotId)).toEqual([early]);
  });

  test('is told as "anything" when its transaction was open when the log was begun', async () => {
    const { db, slotIds, open } = await aFollowedLog();
    const log = createEventLog(await open(2), siteId);
    const told: unknown[] = [];
    await db.transaction(async (tx) => {
      await writeEvents(tx, slotIds.slice(0, 1));
      await writeEvents(db, slotIds.slice(1, 2));
      await log.upToDate();
      log.listen((changes) => void told.push(changes));
      await log.upToDate();
      expect(log.position()).toBe(0);
    });
    told.length = 0;
    await log.upToDate();
    expect(told).toEqual(['anything']);
    expect(log.position()).toBeGreaterThan(0);
  });

  /** A statement that has drawn its event's id and then waits, before it would take its transaction's number by itself. */
  async function withHalfWrittenEvent(db: OpenDb, slotId: number, meanwhile: () => Promise<void>): Promise<void> {
    const lock = 4_211;
    let written: Promise<unknown> = Promise.resolve();
    await db.transaction(async (holder) => {
      await holder.query('SELECT pg_advisory_xact_lock($1)', [lock]);
      written = db.query(
        `INSERT INTO event (site_id, at, type, slot_id) VALUES
           (1, now(), (SELECT 'slot.capacity-changed' FROM (SELECT pg_advisory_xact_lock($1)) AS waited), $2)`,
        [lock, slotId],
      );
      await waitUntil('the statement waits', async () => {
        const rows = await db.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
          [lock],
        );
        return rows.length > 0 ? true : null;
      });
      await meanwhile();
    });
    await written;
  }

  test('is told when its id was drawn long before the rest of it was written', async () => {
    const { db, log, slotIds, told } = await aFollowedLog();
    const last = slotIds.at(-1) ?? 0;
    await withHalfWrittenEvent(db, last, async () => {
      await writeEvents(db, slotIds.slice(0, 300));
      for (let looks = 0; looks < 5; looks++) await log.upToDate();
    });
    await log.upToDate();
    expect(told).toContain(last);
    await readOn(db, log, slotIds);
  });

  test('control: without the trigger that takes the number first, that one is missed', async () => {
    const { db, log, slotIds, told } = await aFollowedLog();
    const last = slotIds.at(-1) ?? 0;
    await db.query('DROP TRIGGER event_draws_transaction_first ON event');
    await withHalfWrittenEvent(db, last, () => readOn(db, log, slotIds));
    await log.upToDate();
    expect(told).not.toContain(last);
  });
});

test('of 4,000 transactions that meet and overlap, every event is told', async () => {
  const { db, log, slotIds, told, gaps } = await aFollowedLog();
  const writing = { isOn: true };
  const looking = (async () => {
    while (writing.isOn) await log.upToDate();
  })();
  const expected: number[] = [];
  await Promise.all(
    Array.from({ length: 5 }, async (_, lane) => {
      for (let round = 0; round < 800; round++) {
        const chosen = slotIds[(lane * 811 + round * 7) % slotIds.length] ?? 0;
        expected.push(chosen);
        await db.transaction(async (tx) => {
          await writeEvents(tx, [chosen]);
          if (round % 3 === lane % 3) await tx.query('SELECT count(*) FROM slot');
        });
      }
    }),
  );
  writing.isOn = false;
  await looking;
  await log.upToDate();
  expect(gaps()).toBe(0);
  expect([...new Set(told)].toSorted((a, b) => a - b)).toEqual([...new Set(expected)].toSorted((a, b) => a - b));
  await readOn(db, log, slotIds);
});

test('more events than are looked at one by one are told as "anything", and the next ones by name again', async () => {
  const { db, log, slotIds, told, gaps } = await aFollowedLog();
  for (let times = 0; times * slotIds.length <= maxEvents; times++) await writeEvents(db, slotIds);
  await log.upToDate();
  expect({ told, gaps: gaps() }).toEqual({ told: [], gaps: 1 });
  await writeEvents(db, slotIds.slice(0, 1));
  await log.upToDate();
  expect({ told, gaps: gaps() }).toEqual({ told: slotIds.slice(0, 1), gaps: 1 });
});

test('one look serves all who ask while another is under way', async () => {
  const { open } = await aFollowedLog();
  const counted = await open(2);
  let looks = 0;
  const watched: OpenDb = {
    ...counted,
    query: (text, parameters) => {
      if (text.includes('pg_visible_in_snapshot')) looks++;
      return counted.query(text, parameters);
    },
  };
  const shared = createEventLog(watched, siteId);
  await shared.upToDate();
  await Promise.all(Array.from({ length: 500 }, () => shared.upToDate()));
  expect(looks).toBe(1);
});
