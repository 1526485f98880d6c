import { afterEach, describe, expect, test } from 'vitest';
import { examine } from '../../api/engine/doctor.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  countedSlots,
  employees,
  processOver,
  race,
  seededDatabase,
  seededEmbedded,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  withinTries,
  type Process,
} from '../support/racing.ts';
import { slowDownSlots } from '../support/slow-slots.ts';
import { withoutRowLocks } from '../support/unguarded.ts';

const runId = 'run-2';
const serviceDate = '2026-11-24';
const seats = 22;
const ride = (boardStopId: string, alightStopId: string) => ({
  kind: 'shuttle',
  runId,
  serviceDate,
  boardStopId,
  alightStopId,
  seats: 1,
});
const wholeRide = ride('metro-l9', 'guangqi');
const firstHalf = ride('metro-l9', 'zhihui');
const secondHalf = ride('zhihui', 'guangqi');

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

/** 400 employees ask at the same moment; `wishOf` says which ride each of them wants. */
async function raceForSeats(processes: readonly Process[], wishOf: (index: number) => object) {
  const tokens = await signIn(processes[0]!, employees(400));
  const wishes = tokens.map((token, index) => ({ token, body: wishOf(index) }));
  return race(processes, wishes, ({ call }, wish) => call('/bookings', wish));
}

const places: Record<string, () => Promise<Process[]>> = {
  'on PostgreSQL': async () => startProcesses(1, await seededDatabase()),
  'on PostgreSQL from three processes': async () => startProcesses(3, await seededDatabase()),
  'on the embedded database': async () => [processOver(await seededEmbedded())],
};

describe.each(Object.entries(places))('400 employees race for a run of 22 seats %s', (_place, start) => {
  test('exactly 22 ride from end to end, and everybody else hears that it is full', async () => {
    running = await start();
    const answers = await raceForSeats(running, () => wholeRide);
    expect(tally(answers)).toEqual({ '201': seats, '409 /problems/slot-full': 400 - seats });
    const { db } = running[0]!;
    const legs = await countedSlots(db, runId, serviceDate);
    expect(legs.map(({ taken, units }) => ({ taken, units }))).toEqual(
      Array.from({ length: 6 }, () => ({ taken: seats, units: seats })),
    );
    await expectInvariants(db);
  });

  test('with part-way rides among them every leg is sold out and none oversold', async () => {
    running = await start();
    const answers = await raceForSeats(running, (index) => [wholeRide, firstHalf, secondHalf][index % 3]!);
    const counts = tally(answers);
    expect(Object.keys(counts).toSorted()).toEqual(['201', '409 /problems/slot-full']);
    const { db } = running[0]!;
    const legs = await countedSlots(db, runId, serviceDate);
    expect(legs.map(({ taken, units }) => ({ taken, units }))).toEqual(
      Array.from({ length: 6 }, () => ({ taken: seats, units: seats })),
    );
    const won = (part: number) => answers.filter(({ status }, index) => status === 201 && index % 3 === part).length;
    expect([won(0) + won(1), won(0) + won(2)]).toEqual([seats, seats]);
    await expectInvariants(db);
  });
});

describe('control: the same race without the guard', () => {
  test('without row locks and without the check constraint the run is oversold', withinTries, async () => {
    running = await startProcesses(3, await seededDatabase(), withoutRowLocks);
    const { db } = running[0]!;
    await db.query('ALTER TABLE slot DROP CONSTRAINT slot_taken_within_capacity');
    await slowDownSlots(db);
    const answers = await raceForSeats(running, () => wholeRide);
    const legs = await countedSlots(db, runId, serviceDate);
    expect(tally(answers)['201']).toBeGreaterThan(seats);
    expect(Math.max(...legs.map(({ units }) => units))).toBeGreaterThan(seats);
    expect((await examine(db)).broken.map(({ rule }) => rule)).toContain('taken lies between nothing and the capacity');
  });

  test('without row locks the check constraint alone still sells no seat twice', async () => {
    running = await startProcesses(3, await seededDatabase(), withoutRowLocks);
    const { db } = running[0]!;
    await raceForSeats(running, () => wholeRide);
    const legs = await countedSlots(db, runId, serviceDate);
    expect(legs.every(({ units, taken }) => units <= seats && taken <= seats)).toBe(true);
    await expectInvariants(db);
  });
});
