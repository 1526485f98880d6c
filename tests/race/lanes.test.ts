import { afterEach, describe, expect, test } from 'vitest';
import type { AdmissionLimits } from '../../api/engine/admit.ts';
import { createEngine } from '../../api/engine/engine.ts';
import { Busy, type AdmissionRequest } from '../../api/engine/types.ts';
import type { OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { holdSlots, type HeldSlots } from '../support/held-slots.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employeeIds,
  processOver,
  seededDatabase,
  startProcesses,
  stopProcesses,
  type Process,
} from '../support/racing.ts';
import { waitUntil } from '../support/wait-until.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

/** A slot that can be booked on Monday morning, as the database has it. */
type OpenSlot = { id: number; serviceDate: string; startsAt: number; endsAt: number };

function oneUnit(personId: string, slot: OpenSlot): AdmissionRequest {
  return {
    siteId: siteRow.id,
    personId,
    actorId: personId,
    at: Date.parse('2026-11-23T09:00:00+08:00'),
    idempotency: null,
    drafts: [
      {
        kind: 'shuttle',
        lines: [{ slotId: slot.id, units: 1 }],
        claims: [{ claimantId: personId, scope: 'ride', during: slot }],
        priceFen: 0,
        startsAt: slot.startsAt,
        endsAt: slot.endsAt,
        serviceDate: slot.serviceDate,
        cancelUntil: slot.startsAt,
        isProvisional: false,
        details: {},
      },
    ],
  };
}

/** A database that counts the transactions in which bookings are admitted. */
function counting() {
  const count = { transactions: 0 };
  const over = (db: OpenDb): OpenDb => ({
    ...db,
    pipelined: (work, bounds) => {
      count.transactions++;
      return db.pipelined(work, bounds);
    },
  });
  return { count, over };
}

test('requests for one slot at once share few transactions, none of which takes more than its share of them', async () => {
  const { count, over } = counting();
  running = await startProcesses(1, await seededDatabase(), over);
  const { db, engine } = running[0]!;
  const [slot] = await db.query<OpenSlot>(
    `UPDATE slot SET capacity = 200 WHERE id = (SELECT id FROM slot WHERE kind = 'shuttle' AND service_date = '2026-11-24' LIMIT 1)
     RETURNING id, service_date AS "serviceDate", starts_at AS "startsAt", ends_at AS "endsAt"`,
  );
  const answers = await Promise.all(employeeIds(120).map((personId) => engine.admit(oneUnit(personId, slot!))));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  // The first comes alone; then half of all that wait or are under way. Undivided, all others would come together.
  expect(count.transactions).toBeGreaterThanOrEqual(3);
  expect(count.transactions).toBeLessThanOrEqual(8);
  await expectInvariants(db);
});

test('requests for 200 different slots at once share transactions, and each gets its own slot', async () => {
  const { count, over } = counting();
  running = await startProcesses(1, await seededDatabase(), over);
  const { db, engine } = running[0]!;
  const slots = await db.query<OpenSlot>(
    `SELECT id, service_date AS "serviceDate", starts_at AS "startsAt", ends_at AS "endsAt" FROM slot
     WHERE kind = 'shuttle' AND service_date BETWEEN '2026-11-24' AND '2026-11-30' ORDER BY id LIMIT 200`,
  );
  expect(slots).toHaveLength(200);
  const people = employeeIds(200);
  const answers = await Promise.all(slots.map((slot, index) => engine.admit(oneUnit(people[index]!, slot))));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(count.transactions).toBeGreaterThan(0);
  expect(count.transactions).toBeLessThan(50);
  const taken = await db.query('SELECT id FROM slot WHERE taken = 1 AND id = ANY($1::bigint[])', [
    slots.map(({ id }) => id),
  ]);
  expect(taken).toHaveLength(200);
  await expectInvariants(db);
});

describe('while somebody outside holds a slot', () => {
  const limits = { maxBatch: 256, maxWaiting: 3, maxWaitMilliseconds: 60_000, lockMilliseconds: 60_000 };
  const date = '2026-11-24';
  let held: HeldSlots | null = null;
  afterEach(async () => {
    await held?.letGo();
    held = null;
  });

  async function engineOnHeldSlot(changed: Partial<AdmissionLimits>) {
    const url = await seededDatabase();
    running = await startProcesses(1, url);
    const { db } = running[0]!;
    const [slot] = await db.query<OpenSlot>(
      `SELECT id, service_date AS "serviceDate", starts_at AS "startsAt", ends_at AS "endsAt" FROM slot
       WHERE resource_id = 'run-2' AND service_date = $1 ORDER BY starts_at LIMIT 1`,
      [date],
    );
    const engine = createEngine(db, { ...limits, ...changed });
    held = await holdSlots(url, 'run-2', date);
    const people = employeeIds(10);
    const ask = (index: number) => engine.admit(oneUnit(people[index]!, slot!)).catch((error: unknown) => error);
    const seatsTaken = async () =>
      (await db.query<{ taken: number }>('SELECT taken FROM slot WHERE id = $1', [slot!.id]))[0]!.taken;
    return { ask, seatsTaken };
  }

  /** A database that notes which slots the batches wanted that were given up. */
  function notingGivenUp(db: OpenDb) {
    const givenUp: number[][] = [];
    const over: OpenDb = {
      ...db,
      pipelined: (work, bounds) => {
        let wanted: number[] = [];
        const noted = db.pipelined(
          (tx) =>
            work({
              query: (text, parameters) => {
                if (text.endsWith('FOR UPDATE')) wanted = parameters?.[1] as number[];
                return tx.query(text, parameters);
              },
            }),
          bounds,
        );
        noted.catch(() => givenUp.push(wanted));
        return noted;
      },
    };
    return { over, givenUp };
  }

  /** A process with two batches at a time, the slots of the day that are held, and others. */
  async function sceneOfManyLanes() {
    const url = await seededDatabase();
    const { over, givenUp } = notingGivenUp(await openDb({ url, connections: 4 }));
    running = [processOver(over)];
    const slots = await over.query<OpenSlot & { resourceId: string }>(
      `SELECT id, resource_id AS "resourceId", service_date AS "serviceDate", starts_at AS "startsAt", ends_at AS "endsAt" FROM slot
       WHERE kind = 'shuttle' AND service_date = $1 ORDER BY id`,
      [date],
    );
    const isHeld = ({ resourceId }: { resourceId: string }) => resourceId === 'run-2';
    const [blocked, others] = [slots.filter(isHeld), slots.filter((slot) => !isHeld(slot)).slice(0, 12)];
    const engine = createEngine(over, { ...limits, maxWaiting: 100 });
    const people = employeeIds(40);
    const ask = (slot: OpenSlot) => engine.admit(oneUnit(people.pop()!, slot));
    // From now on batches for it are sent as a whole.
    await ask(blocked[0]!);
    held = await holdSlots(url, 'run-2', date);
    const letGo = async () => {
      await held?.letGo();
      held = null;
    };
    return { db: over, blocked, others, ask, givenUp, letGo };
  }
  const booked = expect.objectContaining({ ok: true }) as object;

  test('those who shared a batch with it do not wait until it is given up', async () => {
    const { db, blocked, others, ask, givenUp, letGo } = await sceneOfManyLanes();
    // Whoever comes while two batches are under way goes together.
    const first = others.slice(0, 2).map(ask);
    const hopeless = ask(blocked[0]!);
    const rest = others.slice(2).map(ask);
    expect(await Promise.all([...first, ...rest])).toEqual(others.map(() => booked));
    // It was in one batch with all of them, and went on alone afterwards.
    expect(givenUp.map((wanted) => wanted.length)).toEqual([11]);
    expect(givenUp[0]).toContain(blocked[0]!.id);
    await letGo();
    expect(await hopeless).toEqual(booked);
    await expectInvariants(db);
  });

  test('it is known by its first batch, and its second is not shared with others', async () => {
    const { db, blocked, others, ask, givenUp, letGo } = await sceneOfManyLanes();
    // Two lanes have all places; the second batch of one stands in line for a place, before the others.
    const hopeless = [ask(blocked[0]!), ask(blocked[1]!), ...Array.from({ length: 8 }, () => ask(blocked[0]!))];
    expect(await Promise.all(others.map(ask))).toEqual(others.map(() => booked));
    expect(givenUp.length).toBeGreaterThan(0);
    expect(givenUp.filter((wanted) => wanted.length > 1)).toEqual([]);
    await letGo();
    expect(await Promise.all(hopeless)).toEqual(hopeless.map(() => booked));
    await expectInvariants(db);
  });

  test('a full queue refuses at once, and those in it are booked when the slot is let go', async () => {
    const { ask, seatsTaken } = await engineOnHeldSlot({});
    const waiting = [0, 1, 2].map(ask);
    // Answered while the slot is still held.
    expect(await ask(3)).toBeInstanceOf(Busy);
    await held!.letGo();
    held = null;
    expect(await Promise.all(waiting)).toEqual([1, 2, 3].map(() => expect.objectContaining({ ok: true })));
    expect(await ask(4)).toMatchObject({ ok: true });
    expect(await seatsTaken()).toBe(4);
  });

  test('who has waited in the queue past the limit is refused, not booked behind their back', async () => {
    const { ask, seatsTaken } = await engineOnHeldSlot({ maxBatch: 1, maxWaitMilliseconds: 1_000 });
    const underWay = ask(0);
    const late = ask(1);
    const askedAt = performance.now();
    await waitUntil('the second has waited too long', () => performance.now() - askedAt > 1_500 || null);
    await held!.letGo();
    held = null;
    expect(await late).toBeInstanceOf(Busy);
    expect(await underWay).toMatchObject({ ok: true });
    expect(await seatsTaken()).toBe(1);
  });
});
