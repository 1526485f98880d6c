import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import { parseInstant } from '../../api/calendar/time.ts';
import { checkIn, checkInAll } from '../../api/engine/check-in.ts';
import { countNoShows } from '../../api/engine/count-no-shows.ts';
import { remind } from '../../api/engine/remind.ts';
import type { Db } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  administrator,
  countedSlots,
  employees,
  now,
  processOver,
  race,
  seededDatabase,
  signIn,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';
import { waitUntil } from '../support/wait-until.ts';

const runId = 'run-2';
const serviceDate = '2026-11-24';
const ride = { kind: 'shuttle', runId, serviceDate, boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 };
const departed = `${serviceDate}T08:12:00+08:00`;
const inTime = `${serviceDate}T08:09:00+08:00`;

let running: Process[] = [];
let present = parseInstant(now);
const clock = { now: () => present };
let tokens: string[] = [];
let staff = '';
let bookingIds: string[] = [];

beforeEach(async () => {
  present = parseInstant(now);
  const url = await seededDatabase();
  running = await Promise.all([1, 2, 3].map(async () => processOver(await openDb({ url }), { clock })));
  tokens = await signIn(running[0]!, employees(22));
  [staff = ''] = await signIn(running[0]!, [administrator]);
  const booked = await race(running, tokens, ({ call }, token) => call('/bookings', { token, body: ride }));
  bookingIds = booked.map(({ body }) => String(body['id']));
});
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

async function statesOf(): Promise<Record<string, number>> {
  const rows = await running[0]!.db.query<{ state: string; count: number }>(
    'SELECT state, count(*)::int AS count FROM booking GROUP BY state ORDER BY state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function eventsOf(type: string): Promise<number> {
  const [row] = await running[0]!.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM event WHERE type = $1',
    [type],
  );
  return row?.count ?? 0;
}

/** What each rider's phone shows at the present of the clock. */
const passes = () =>
  race(running, bookingIds, async (process, id) => {
    const { body } = await process.call(`/bookings/${id}/pass`, { token: tokens[bookingIds.indexOf(id)] });
    return String(body['qr']);
  });

describe('reminders', () => {
  test('three processes that sweep at once remind everybody once', async () => {
    present = parseInstant(`${serviceDate}T07:45:00+08:00`);
    await race(running, Array.from({ length: 9 }), ({ db }) => sweep(db, clock, siteRow.code));
    const notices = await running[0]!.db.query<{ bookingId: string }>(
      `SELECT booking_id AS "bookingId" FROM notice WHERE kind = 'reminder'`,
    );
    expect(notices.map(({ bookingId }) => bookingId).toSorted()).toEqual(bookingIds.toSorted());
  });

  test('go on where a sweep was that failed: nobody is left out, nobody is told twice', async () => {
    present = parseInstant(`${serviceDate}T07:45:00+08:00`);
    const [{ db }, other] = [running[0]!, running[1]!];
    const failing = {
      ...db,
      transaction: <T>(work: (tx: Db) => Promise<T>) =>
        db.transaction(async (tx) => {
          await work(tx);
          throw new Error('the process dies before it commits');
        }),
    };
    await expect(remind(failing, siteRow.id, present)).rejects.toThrow('before it commits');
    expect(await remind(other.db, siteRow.id, present)).toBe(22);
    expect(await remind(db, siteRow.id, present)).toBe(0);
  });
});

describe('no-shows', () => {
  test('three processes that sweep at once count everybody once, and keep the units', async () => {
    present = parseInstant(departed);
    await race(running, Array.from({ length: 9 }), ({ db }) => sweep(db, clock, siteRow.code));
    expect(await statesOf()).toEqual({ no_show: 22 });
    expect(await eventsOf('booking.no_show')).toBe(22);
    expect((await countedSlots(running[0]!.db, runId, serviceDate)).map(({ taken }) => taken)).toEqual(
      Array(6).fill(22),
    );
    await expectInvariants(running[0]!.db);
  });

  test('a scan in time is never lost, whichever of scan and sweep is first', async () => {
    present = parseInstant(inTime);
    const codes = await passes();
    present = parseInstant(departed);
    const scans = codes.slice(0, 11).map((code, index) => ({ code, at: inTime, nonce: `scan-${index}` }));
    const [answers] = await Promise.all([
      race(running, [...scans, ...scans], ({ call }, body) => call('/check-ins', { token: staff, body })),
      race(running, Array.from({ length: 6 }), ({ db }) => sweep(db, clock, siteRow.code)),
    ]);
    expect(tally(answers)).toEqual({ '201': 22 });
    expect(await statesOf()).toEqual({ checked_in: 11, no_show: 11 });
    expect(await eventsOf('booking.checked_in')).toBe(11);
    await expectInvariants(running[0]!.db);
  });

  test('of two scans of one pass at once, one counts', async () => {
    present = parseInstant(inTime);
    const codes = await passes();
    const scans = codes.flatMap((code, index) =>
      [1, 2, 3].map((scanner) => ({ code, at: inTime, nonce: `scanner-${scanner}-${index}` })),
    );
    const answers = await race(running, scans, ({ call }, body) => call('/check-ins', { token: staff, body }));
    expect(tally(answers)).toEqual({ '201': 22, '409 /problems/already-checked-in': 44 });
    expect(await eventsOf('booking.checked_in')).toBe(22);
    await expectInvariants(running[0]!.db);
  });

  test('a sweep waits for a check-in that is not committed yet, and leaves it alone', async () => {
    const [{ db }, other] = [running[0]!, running[1]!];
    const [bookingId = ''] = bookingIds;
    const [actor] = await db.query<{ id: string }>('SELECT person_id AS id FROM booking WHERE id = $1', [bookingId]);
    const scan = {
      bookingId,
      nonce: 'slow',
      at: parseInstant(inTime),
      by: { actorId: actor!.id },
    };
    const counting = await db.transaction(async (tx) => {
      expect(await checkIn(tx, { siteId: siteRow.id, now: parseInstant(departed) }, scan)).toMatchObject({ ok: true });
      const count = countNoShows(other.db, siteRow.id, parseInstant(departed));
      await waitingForALock(other);
      return { count };
    });
    expect(await counting.count).toBe(21);
    expect(await statesOf()).toEqual({ checked_in: 1, no_show: 21 });
    await expectInvariants(db);
  });

  test('a batch whose name is taken by another scanner meanwhile has only that scan refused', async () => {
    const [{ db }, other] = [running[0]!, running[1]!];
    const [first = '', second = '', third = ''] = bookingIds;
    const [actor] = await db.query<{ id: string }>('SELECT person_id AS id FROM booking WHERE id = $1', [first]);
    const site = { siteId: siteRow.id, now: parseInstant(departed) };
    const scan = (bookingId: string, nonce: string) => ({
      bookingId,
      nonce,
      at: parseInstant(inTime),
      by: { actorId: actor!.id },
    });
    const scans = [scan(second, 'taken'), scan(second, 'free'), scan(third, 'own'), scan(third, 'late')];
    const batch = await db.transaction(async (tx) => {
      await checkIn(tx, site, scan(first, 'taken'));
      const answers = other.db.transaction((otherTx) => checkInAll(otherTx, site, scans));
      await waitingForALock(other);
      return { answers };
    });
    expect(await batch.answers).toMatchObject([
      { ok: false, rule: 'nonce-used' },
      { ok: true, replayed: false },
      { ok: true, replayed: false },
      { ok: false, problem: 'already-checked-in' },
    ]);
    expect(await statesOf()).toEqual({ checked_in: 3, confirmed: 19 });
    await expectInvariants(db);
  });

  test('one process works on a timer, the others pass it over', async () => {
    const [{ db }, other] = [running[0]!, running[1]!];
    await countNoShows(db, siteRow.id, parseInstant(now));
    await db.transaction(async (tx) => {
      await tx.query(`SELECT 1 FROM timer WHERE name = 'no-show' FOR UPDATE`);
      expect(await countNoShows(other.db, siteRow.id, parseInstant(departed))).toBe(0);
    });
    expect(await countNoShows(other.db, siteRow.id, parseInstant(departed))).toBe(22);
  });
});

/** Until somebody of this database waits for a lock. */
async function waitingForALock({ db }: Process): Promise<void> {
  await waitUntil('somebody waits for a lock', async () => {
    const waiting = await db.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length > 0 ? true : null;
  });
}
