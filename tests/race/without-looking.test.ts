import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { commitBatch, newBatchMemory } from '../../api/engine/commit-batch.ts';
import { slotsOfResources } from '../../api/engine/find-slots.ts';
import { openDb } from '../../db/open.ts';
import type { OpenDb } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { employeeIds, seededDatabase } from '../support/racing.ts';
import { expectInvariants } from '../support/invariants.ts';
import { at, rideCandidate as ride } from '../support/ride-candidate.ts';

const opened: OpenDb[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

/** A database, three people, and two runs that leave at different times. */
async function aScene() {
  const db = await openDb({ url: await seededDatabase() });
  opened.push(db);
  const people = employeeIds(3);
  const [first, second] = await slotsOfResources(db, siteRow.id, ['run-1', 'run-2'], ['2026-11-24']).then((slots) =>
    ['run-1', 'run-2'].map((run) => slots.find(({ resourceId }) => resourceId === run)),
  );
  if (!first || !second || people.length < 3) throw new Error('the demo site has no such runs or people');
  return { db, people, first, second };
}

describe('a batch that writes before it looks', () => {
  test('tells whom something stands in the way, books the others, and the next batches look first', async () => {
    const { db, people, first } = await aScene();
    const [a = '', b = '', c = ''] = people;
    const earlier = ride(b, first);
    await commitBatch(db, [earlier], newBatchMemory());
    const memory = newBatchMemory();
    const answers = await commitBatch(db, [ride(a, first), ride(b, first), ride(c, first)], memory);
    expect(answers).toMatchObject([
      { ok: true },
      { ok: false, problem: 'overlap', bookingId: earlier.bookingIds[0] },
      { ok: true },
    ]);
    expect(memory.cautiousBatches).toBeGreaterThan(0);
    const left = memory.cautiousBatches;
    await commitBatch(db, [ride(a, first)], memory);
    expect(memory.cautiousBatches).toBe(left - 1);
    await expectInvariants(db);
  });

  test('answers a repeat as before, though the slot is full by now', async () => {
    const { db, people, first } = await aScene();
    const [a = '', b = ''] = people;
    await db.query('UPDATE slot SET capacity = 1 WHERE id = $1', [first.id]);
    const original = ride(a, first);
    await commitBatch(db, [original], newBatchMemory());
    const repeat = { ...original, bookingIds: [randomUUID()] };
    expect(await commitBatch(db, [repeat, ride(b, first)], newBatchMemory())).toMatchObject([
      { ok: true, bookingIds: original.bookingIds, replayed: true },
      { ok: false, problem: 'slot-full' },
    ]);
    await expectInvariants(db);
  });

  test('answers a repeat as before where there is room', async () => {
    const { db, people, first, second } = await aScene();
    const [a = '', b = ''] = people;
    const original = ride(a, first);
    await commitBatch(db, [original], newBatchMemory());
    const repeat = { ...original, bookingIds: [randomUUID()] };
    const other = {
      ...ride(a, second),
      idempotency: original.idempotency && { ...original.idempotency, request: randomUUID() },
    };
    expect(await commitBatch(db, [repeat, other, ride(b, first)], newBatchMemory())).toMatchObject([
      { ok: true, bookingIds: original.bookingIds, replayed: true },
      { ok: false, problem: 'key-reused' },
      { ok: true, replayed: false },
    ]);
    await expectInvariants(db);
  });

  test.each([
    { max: 2, second: { ok: true } },
    { max: 1, second: { ok: false, problem: 'rule', rule: 'so-many-a-day' } },
  ])('finds the next of $max places of a limit', async ({ max, second: expected }) => {
    const { db, people, first, second } = await aScene();
    const [a = ''] = people;
    const during = { startsAt: at, endsAt: at + 2 * 86_400_000 };
    const limits = [{ rule: 'so-many-a-day', personId: a, scope: 'rides', max, during }];
    expect(await commitBatch(db, [ride(a, first, {}, { limits })], newBatchMemory())).toMatchObject([{ ok: true }]);
    expect(await commitBatch(db, [ride(a, second, {}, { limits })], newBatchMemory())).toMatchObject([expected]);
    await expectInvariants(db);
  });
});
