import { afterEach, expect, test } from 'vitest';
import { commitBatch, newBatchMemory } from '../../api/engine/commit-batch.ts';
import { endBookings } from '../../api/engine/end-bookings.ts';
import { slotsOfResources } from '../../api/engine/find-slots.ts';
import type { Slot } from '../../api/engine/types.ts';
import { transactionWithRetry, type Db, type OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import { at, rideCandidate } from '../support/ride-candidate.ts';
import { employeeIds, seededDatabase } from '../support/racing.ts';

const opened: OpenDb[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

/** A database that notes which slots each transaction locks, statement by statement; before the first of all, something else happens. */
function notingLocks(db: Db, first: () => Promise<unknown>) {
  const transactions: number[][][] = [];
  let happening: Promise<unknown> | null = null;
  const over: Db = {
    ...db,
    transaction: (work) =>
      db.transaction((tx) => {
        const locks: number[][] = [];
        transactions.push(locks);
        return work({
          ...tx,
          query: async (text, parameters) => {
            if (/ FROM slot .* FOR UPDATE$/s.test(text)) {
              happening ??= first();
              locks.push(parameters?.[1] as number[]);
            }
            // Nothing that is sent with it overtakes it.
            await happening;
            return tx.query(text, parameters);
          },
        });
      }),
  };
  return { over, transactions };
}

test('who joins a queue just before it is locked, and waits for an earlier slot too, makes nobody lock out of order', async () => {
  const url = await seededDatabase();
  const [db, elsewhere] = [await openDb({ url }), await openDb({ url })];
  opened.push(db, elsewhere);
  const legs = await slotsOfResources(db, siteRow.id, ['run-1'], ['2026-11-24']);
  const [earlier, later] = legs.toSorted((a, b) => a.id - b.id) as [Slot, Slot];
  await db.query('UPDATE slot SET capacity = 1 WHERE id = ANY($1::bigint[])', [[earlier.id, later.id]]);
  const [a = '', b = '', c = '', d = ''] = employeeIds(4);
  const book = (...ride: Parameters<typeof rideCandidate>) =>
    commitBatch(elsewhere, [rideCandidate(...ride)], newBatchMemory());
  const waitlist = { offerMinutes: 10 };
  const [seat] = await book(a, later);
  await book(b, earlier);
  expect(await book(c, later, { waitlist })).toMatchObject([{ ok: true, entryId: expect.any(Number) }]);

  const lines = [earlier, later].map((slot) => ({ slotId: slot.id, units: 1, terms: slot }));
  const { over, transactions } = notingLocks(db, () => book(d, later, { waitlist }, { lines }));
  const bookingIds = seat && 'bookingIds' in seat ? seat.bookingIds : [];
  const request = { siteId: siteRow.id, bookingIds, actorId: a, at, to: 'cancelled' } as const;
  expect((await transactionWithRetry(over, (tx) => endBookings(tx, request))).bookingIds).toEqual(bookingIds);

  const outOfOrder = transactions.filter(([first, ...others]) => others.flat().some((id) => !first?.includes(id)));
  expect(outOfOrder).toEqual([]);
  // It did come in between.
  expect(transactions.map(([first]) => first?.length)).toEqual([1, 2]);
  await expectInvariants(db);
});
