import { afterEach, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { noGates } from '../../api/gates/gate.ts';
import { httpGate } from '../../api/gates/http-gate.ts';
import { follow } from '../../api/sweep.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { startListReceiver, type ListReceiver } from '../../scripts/gate/list-receiver.ts';
import { bookCars } from '../support/booked-cars.ts';
import { gateSecret } from '../support/gate-messages.ts';
import { withoutSkippingLocked } from '../support/unguarded.ts';
import { waitUntil } from '../support/wait-until.ts';
import { now, seededDatabase, startProcesses, stopProcesses, type Process, type Wrap } from '../support/racing.ts';

const cars = 120;
const clock = { now: () => parseInstant(now) };

let running: Process[] = [];
let receiver: ListReceiver | null = null;
afterEach(async () => {
  await receiver?.close();
  await stopProcesses(running);
  running = [];
  receiver = null;
});

/** Three processes, a full lot whose gate knows nothing yet, and a way to let processes tell it. */
async function aFullLot(wrap?: Wrap) {
  running = await startProcesses(3, await seededDatabase(), wrap);
  await bookCars(running[0]!, cars, ['2026-11-23', '2026-11-24']);
  receiver = await startListReceiver({ secret: gateSecret, now: clock.now, mannerOf: () => 'take' });
  await follow(running[0]!.db, clock, siteRow.code, noGates);
  const gates = { gated: httpGate({ url: receiver.url, secret: gateSecret }), staffed: null };
  return { gate: receiver, tell: ({ db }: Process) => follow(db, clock, siteRow.code, gates) };
}

const toldAgain = ({ told }: ListReceiver): number => [...told.values()].filter((times) => times > 1).length;

test('processes that follow the same bookings at once tell the gate of each car once', async () => {
  const { gate, tell } = await aFullLot();
  for (let round = 0; round < 3; round++) await Promise.all([...running, ...running].map(tell));
  expect(gate.allowed()).toHaveLength(2 * cars);
  expect(toldAgain(gate)).toBe(0);
  const [waiting] = await running[0]!.db.query(
    `SELECT count(*)::int AS count FROM gate_push WHERE state <> 'accepted'`,
  );
  expect(waiting).toEqual({ count: 0 });
});

/** Two processes tell the gate while somebody holds all that is to be told, who lets go when both are done or wait. */
async function tellWhatIsHeld(wrap?: Wrap): Promise<ListReceiver> {
  const { gate, tell } = await aFullLot(wrap);
  const [holder, ...others] = running;
  let telling: Promise<unknown> = Promise.resolve();
  await holder!.db.transaction(async (tx) => {
    await tx.query('SELECT id FROM gate_push FOR UPDATE');
    let done = 0;
    telling = Promise.all(others.map((process) => tell(process).then(() => done++)));
    await waitUntil('both are done or wait', async () => {
      const [row] = await holder!.db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return done + (row?.count ?? 0) === others.length ? true : null;
    });
  });
  await telling;
  return gate;
}

test('what another process holds is passed over', async () => {
  const gate = await tellWhatIsHeld();
  expect(gate.calls()).toBe(0);
});

test('control: who waits for what another process holds tells the gate of it twice', async () => {
  expect(toldAgain(await tellWhatIsHeld(withoutSkippingLocked))).toBeGreaterThan(0);
});
