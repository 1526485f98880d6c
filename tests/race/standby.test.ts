import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseInstant, type Instant } from '../../api/calendar/time.ts';
import { freshSlots } from '../../api/engine/kept-slots.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { releaseUnscanned } from '../../api/services/shuttle/standby/release-unscanned.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { lookForDeadlocksSoon } from '../support/fresh-database.ts';
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
  withinTries,
  type Process,
  type Wrap,
} from '../support/racing.ts';
import { withoutRowLocks } from '../support/unguarded.ts';

const runId = 'run-2';
const serviceDate = '2026-11-24';
const ride = { runId, serviceDate, boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 };
const at = (time: string) => parseInstant(`${serviceDate}T${time}+08:00`);
const riders = 22;
const waiting = 12;

let running: Process[] = [];
let present: Instant;
let tokens: string[] = [];
let staff = '';
let bookingIds: string[] = [];
const clock = { now: () => present };

/** A full bus, and people who stand by for it, at eight minutes past eight. */
async function setScene(wrap: Wrap = (db) => db): Promise<void> {
  present = parseInstant(now);
  const url = await seededDatabase();
  await lookForDeadlocksSoon(url);
  const first = processOver(await openDb({ url }), { clock });
  running = [first];
  tokens = await signIn(first, employees(riders + waiting));
  [staff = ''] = await signIn(first, [administrator]);
  const booked = await race(running, tokens.slice(0, riders), ({ call }, token) =>
    call('/bookings', { token, body: { kind: 'shuttle', ...ride } }),
  );
  bookingIds = booked.map(({ body }) => String(body['id']));
  for (const token of tokens.slice(riders)) await first.call('/shuttle/standby', { token, body: ride });
  for (let count = 0; count < 2; count++) running.push(processOver(wrap(await openDb({ url })), { clock }));
}
beforeEach(() => {
  running = [];
});
afterEach(() => stopProcesses(running));

const release = async ({ db }: Process) => {
  const surroundings = await loadSurroundings(db, siteRow.code);
  return releaseUnscanned({ db, slots: freshSlots(db), now: present, ...surroundings }, runId, serviceDate);
};
const codes = () =>
  race(running.slice(0, 1), bookingIds, async ({ call }, id) => {
    const { body } = await call(`/bookings/${id}/pass`, { token: tokens[bookingIds.indexOf(id)] });
    return { code: String(body['qr']), at: new Date(present).toISOString(), nonce: `scan-${id}` };
  });
const states = async () => {
  const rows = await running[0]!.db.query<{ state: string; count: number }>(
    'SELECT state, count(*)::int AS count FROM standby GROUP BY state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};
const taken = async () => (await countedSlots(running[0]!.db, runId, serviceDate)).map((slot) => slot.taken);

describe('at two minutes before the departure', () => {
  test('processes that release at once admit each of those who stand by once', async () => {
    await setScene();
    present = at('08:08:00');
    const released = await race(running.slice(1), Array.from({ length: 6 }), release);
    expect(released.flatMap(({ admitted }) => admitted)).toHaveLength(waiting);
    expect(released.flatMap(({ yielded }) => yielded)).toHaveLength(riders);
    expect(await states()).toEqual({ admitted: waiting });
    expect(await taken()).toEqual(Array(6).fill(waiting));
    await expectInvariants(running[0]!.db);
  });

  test('whoever is scanned at that instant keeps or retakes their seat, and the bus is never over full', async () => {
    await setScene();
    present = at('08:08:00');
    const scans = await codes();
    const [answers] = await Promise.all([
      race(running, scans, ({ call }, body) => call('/check-ins', { token: staff, body })),
      race(running.slice(1), Array.from({ length: 4 }), release),
    ]);
    const aboard = answers.filter(({ status }) => status === 201).length;
    const refused = answers.flatMap(({ status, body }) => (status === 201 ? [] : [body['rule']]));
    expect(new Set(refused)).toEqual(refused.length === 0 ? new Set() : new Set(['seat-given-away']));
    const { admitted = 0 } = await states();
    // Nobody is turned away while a seat is free.
    expect(aboard + admitted).toBe(refused.length > 0 ? riders : aboard + admitted);
    expect(await taken()).toEqual(Array(6).fill(aboard + admitted));
    await expectInvariants(running[0]!.db);
  });

  test('a rider who turns up late and somebody who stands by get one seat between them', async () => {
    await setScene();
    present = at('08:08:00');
    const scans = await codes();
    await race(running.slice(0, 1), scans.slice(1), ({ call }, body) => call('/check-ins', { token: staff, body }));
    const [late] = await Promise.all([
      running[1]!.call('/check-ins', { token: staff, body: scans[0]! }),
      release(running[2]!),
    ]);
    const { admitted = 0 } = await states();
    expect((late.status === 201 ? 1 : 0) + admitted).toBe(1);
    expect(await taken()).toEqual(Array(6).fill(riders));
    await expectInvariants(running[0]!.db);
  });

  test(
    'control: without row locks seats are given away twice, or somebody is admitted twice',
    withinTries,
    async () => {
      await setScene(withoutRowLocks);
      present = at('08:08:00');
      const scans = await codes();
      const outcome = await Promise.allSettled([
        race(running.slice(1), scans, ({ call }, body) => call('/check-ins', { token: staff, body })),
        race(running.slice(1), Array.from({ length: 8 }), release),
      ]);
      const slots = await countedSlots(running[0]!.db, runId, serviceDate);
      const isWrong =
        slots.some((slot) => slot.taken !== slot.units) || outcome.some(({ status }) => status === 'rejected');
      const twice = await running[0]!.db.query(
        `SELECT 1 FROM event WHERE type IN ('standby.admitted', 'booking.units-yielded') GROUP BY type, slot_id, booking_id, facts->>'standbyId' HAVING count(*) > 1`,
      );
      expect(isWrong || twice.length > 0).toBe(true);
    },
  );
});
