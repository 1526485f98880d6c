import type { OpenDb } from '../../db/db.ts';
import { postTransfer } from '../../api/ledger/accounts.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { administrator, countedSlots, employeeIds, employees, processOver, signIn } from './racing.ts';

/** What stands in a small sound database: its ids, to plant broken rows by. */
export type Scene = Awaited<ReturnType<typeof aScene>>;

const serviceDate = '2026-11-24';
const rideOn = (runId: string) => ({
  kind: 'shuttle',
  runId,
  serviceDate,
  boardStopId: 'metro-l9',
  alightStopId: 'guangqi',
  seats: 1,
});
const employer = '00000000-0000-4000-8000-000000000001';
export const mealCard = '00000000-0000-4000-8000-000000000002';

/**
 * Brings a seeded database to life through the API: a full run with somebody who waits for it, a seat that was cancelled and offered on,
 * a day plan with seats of a company's allotment, and money on a meal card.
 */
export async function aScene(db: OpenDb) {
  const process = processOver(db);
  const [booked, waiting, cancelled, offered, planned] = await signIn(process, employees(5));
  const [boss] = await signIn(process, [administrator]);
  const post = async (token: string | undefined, path: string, body: object): Promise<string> =>
    String((await process.call(path, { token, body })).body['id']);
  const capacity = (resourceId: string) => ({
    resourceId,
    from: serviceDate,
    to: serviceDate,
    capacity: 1,
    reason: '检修',
  });
  await post(boss, '/capacity-changes', capacity('run-2'));
  await post(boss, '/capacity-changes', { ...capacity('run-2'), capacity: 2 });
  await post(boss, '/capacity-changes', capacity('run-2'));
  await post(boss, '/capacity-changes', capacity('run-4'));
  const [full, plan] = await Promise.all(
    ['run-2', 'run-6'].map(async (id) => (await countedSlots(db, id, serviceDate))[0]?.id ?? 0),
  );
  await db.query(
    `INSERT INTO allotment (site_id, slot_id, organisation_id, units, release_at)
     SELECT site_id, id, 'demo-games', 2, closes_at FROM slot WHERE id = $1`,
    [plan],
  );
  const key = { 'idempotency-key': 'a-key-of-the-doctors' };
  const { body } = await process.call('/bookings', { token: booked, body: rideOn('run-2'), headers: key });
  const entry = await post(waiting, '/bookings', { ...rideOn('run-2'), joinWaitlist: true });
  const gone = await post(cancelled, '/bookings', rideOn('run-4'));
  const offer = await post(offered, '/bookings', { ...rideOn('run-4'), joinWaitlist: true });
  await post(cancelled, `/bookings/${gone}/cancel`, {});
  await process.call('/bookings/bundle', { token: planned, body: { bookings: [rideOn('run-6'), rideOn('run-1')] } });
  const plans = await db.query<{ id: string; runId: string }>(
    `SELECT id, details->>'runId' AS "runId" FROM booking WHERE bundle_id IS NOT NULL`,
  );
  await fund(db);
  return {
    people: employeeIds(5),
    /** A booking of the full run, and the slot of its first leg. */
    booked: String(body['id']),
    full: full ?? 0,
    entry,
    gone,
    offer,
    plan: plans.find(({ runId }) => runId === 'run-6')?.id ?? '',
    bundle: plans.map(({ id }) => id).toSorted()[0] ?? '',
    /** The slot of the plan's first leg, of which it drew a unit from an allotment. */
    planSlot: plan ?? 0,
  };
}

async function fund(db: OpenDb): Promise<void> {
  const siteId = siteRow.id;
  await db.query(
    `INSERT INTO account (site_id, id, kind, owner, floor_fen)
     VALUES ($1, $2, 'employer', 'of the doctor', NULL), ($1, $3, 'meal-subsidy', 'of the doctor', 0)`,
    [siteId, employer, mealCard],
  );
  const entries = [
    { accountId: employer, amountFen: -17_600 },
    { accountId: mealCard, amountFen: 17_600 },
  ];
  await db.transaction((tx) =>
    postTransfer(tx, { siteId, at: Date.UTC(2026, 10, 23), reason: 'subsidy', bookingId: null, entries }),
  );
}
