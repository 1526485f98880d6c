import { afterEach, describe, expect, test } from 'vitest';
import type { OpenDb } from '../../db/db.ts';
import { readEvents, settledStream } from '../support/event-stream.ts';
import {
  administrator,
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  withinTries,
  type Process,
  type Wrap,
} from '../support/racing.ts';
import { waitUntil } from '../support/wait-until.ts';

const serviceDate = '2026-11-24';
const runs = ['run-1', 'run-2', 'run-3', 'run-4', 'run-6'];
const shuttleSlots = `/slots?kind=shuttle&from=${serviceDate}&to=${serviceDate}`;
const ride = (runId: string) => ({
  kind: 'shuttle',
  runId,
  serviceDate,
  boardStopId: 'metro-l9',
  alightStopId: 'guangqi',
  seats: 1,
});
type SlotList = { items: { id: string; resourceId: string; capacity: number; remaining: number; state: string }[] };

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

/** Seats that are taken on the first leg of a run, as a process shows it. */
async function takenAt({ call }: Process, runId: string): Promise<number> {
  const { body } = await call<SlotList>(shuttleSlots);
  const leg = body.items.find(({ resourceId }) => resourceId === runId);
  if (!leg) throw new Error(`${runId} is not listed`);
  return leg.capacity - leg.remaining;
}

/**
 * Everybody books a seat on every run with the first process, and looks at another at once; others look all the time.
 * @returns how often somebody was shown fewer taken seats than had been acknowledged before they asked.
 */
async function staleReads(processes: readonly Process[]): Promise<{ stale: number; booked: number }> {
  const tokens = await signIn(processes[0]!, employees(20));
  const acknowledged = new Map(runs.map((runId) => [runId, 0]));
  let stale = 0;
  const look = async (process: Process, runId: string) => {
    const atLeast = acknowledged.get(runId) ?? 0;
    if ((await takenAt(process, runId)) < atLeast) stale++;
  };
  const booking = { isOn: true };
  const onlookers = processes.map(async (process) => {
    while (booking.isOn) await Promise.all(runs.map((runId) => look(process, runId)));
  });
  await race(processes, tokens, async (_, token) => {
    for (const [index, runId] of runs.entries()) {
      const { status } = await processes[0]!.call('/bookings', { token, body: ride(runId) });
      if (status !== 201) continue;
      acknowledged.set(runId, (acknowledged.get(runId) ?? 0) + 1);
      await look(processes[1 + (index % (processes.length - 1))]!, runId);
    }
  });
  booking.isOn = false;
  await Promise.all(onlookers);
  return { stale, booked: [...acknowledged.values()].reduce((sum, count) => sum + count, 0) };
}

/** Lets the first look at the log through and then answers that nothing has happened. */
const withoutLooks: Wrap = (db: OpenDb) => ({
  ...db,
  get orm() {
    return db.orm;
  },
  query: async (text, parameters) => {
    const rows = await db.query<Record<string, unknown>>(text, parameters);
    if (!text.includes('pg_visible_in_snapshot')) return rows as never;
    return rows.map((row) => ({ ...row, events: 0, newest: null, slotIds: null, bookingIds: null })) as never;
  },
});

describe('reads of slots while others book', () => {
  test('show in every process what was acknowledged before they were asked for', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { stale, booked } = await staleReads(running);
    expect(booked).toBeGreaterThan(20);
    expect(stale).toBe(0);
  });

  test('control: without a look at the log they do not', withinTries, async () => {
    running = await startProcesses(3, await seededDatabase(), withoutLooks);
    expect((await staleReads(running)).stale).toBeGreaterThan(0);
  });
});

describe('a listener', () => {
  test('of one process hears what is booked in another', async () => {
    running = await startProcesses(2, await seededDatabase());
    const [here, there] = running as [Process, Process];
    const [token = ''] = await signIn(there, employees(1));
    const stream = await settledStream(async () => readEvents(await here.open('/events?resourceId=run-2')));
    await there.call('/bookings', { token, body: ride('run-1') });
    await there.call('/bookings', { token, body: ride('run-2') });
    const news = await stream.next();
    expect(news).toMatchObject({
      event: 'slot',
      data: { kind: 'shuttle', resourceId: 'run-2', serviceDate, capacity: 22, remaining: 21, state: 'open' },
    });
    await stream.close();
  });

  test('that comes back to another process hears what it missed, each slot once with its present values', async () => {
    running = await startProcesses(2, await seededDatabase());
    const [here, there] = running as [Process, Process];
    const tokens = await signIn(there, employees(4));
    const before = await settledStream(async () => readEvents(await here.open('/events?kind=shuttle')));
    const position = before.position() ?? '';
    await before.close();
    for (const token of tokens) await there.call('/bookings', { token, body: ride('run-2') });
    const [staffToken = ''] = await signIn(there, [administrator]);
    const { body } = await there.call<SlotList>(shuttleSlots);
    const closed = body.items.find(({ resourceId }) => resourceId === 'run-3');
    await there.call('/capacity-changes', {
      token: staffToken,
      body: { slotIds: [closed?.id], capacity: 5, reason: 'smaller bus', onExcess: 'refuse' },
    });
    for (const headers of [{ 'last-event-id': position }, {}]) {
      const query = 'last-event-id' in headers ? '' : `&lastEventId=${position}`;
      const after = readEvents(await there.open(`/events?kind=shuttle${query}`, headers));
      const messages = await after.upTo('ready');
      const slots = messages.filter(({ event }) => event === 'slot').map(({ data }) => data);
      expect(slots.map(({ resourceId, remaining }) => ({ resourceId, remaining })).toSorted(byRun)).toEqual([
        ...Array.from({ length: 6 }, () => ({ resourceId: 'run-2', remaining: 18 })),
        { resourceId: 'run-3', remaining: 5 },
      ]);
      expect(new Set(slots.map(({ slotId }) => slotId)).size).toBe(7);
      await after.close();
    }
  });

  test('that comes back over and over while others book ends with what is there', async () => {
    running = await startProcesses(3, await seededDatabase());
    const tokens = await signIn(running[0]!, employees(60));
    const shown = new Map<unknown, unknown>();
    let position = '';
    const booking = { isOn: true };
    const listening = (async () => {
      for (let turn = 0; booking.isOn || turn % 3 !== 0; turn++) {
        const stream = readEvents(await running[turn % 3]!.open(`/events?kind=shuttle&lastEventId=${position}`));
        for (const { event, data } of await stream.upTo('ready'))
          if (event === 'slot') shown.set(data['slotId'], data['remaining']);
        const live = await stream.next();
        if (live?.event === 'slot') shown.set(live.data['slotId'], live.data['remaining']);
        // What came with the rest of that news is lost on purpose: its position was not heard.
        position = stream.position() ?? '';
        await stream.close();
      }
    })();
    await race(running, tokens, async ({ call }, token) => {
      for (const runId of runs) await call('/bookings', { token, body: ride(runId) });
    });
    booking.isOn = false;
    let isOver = false;
    void listening.then(() => (isOver = true));
    // Whoever waits for news now would wait for ever.
    await waitUntil('the listener has stopped', async () => {
      await running[0]!.db.query(
        `INSERT INTO event (site_id, at, type, slot_id)
         SELECT 1, now(), 'slot.touched', id FROM slot WHERE kind = 'shuttle' ORDER BY id LIMIT 1`,
      );
      return isOver ? true : null;
    });
    await listening;
    const last = readEvents(await running[1]!.open(`/events?kind=shuttle&lastEventId=${position}`));
    for (const { event, data } of await last.upTo('ready'))
      if (event === 'slot') shown.set(data['slotId'], data['remaining']);
    await last.close();
    const { body } = await running[2]!.call<SlotList>(shuttleSlots);
    const taken = body.items.filter(({ capacity, remaining }) => remaining < capacity);
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.map(({ id }) => shown.get(id))).toEqual(taken.map(({ remaining }) => remaining));
  });
});

function byRun(a: { resourceId: unknown }, b: { resourceId: unknown }): number {
  return String(a.resourceId).localeCompare(String(b.resourceId));
}
