import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Admission, AdmissionRequest } from '../../api/engine/types.ts';
import { databaseRefusal } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employeeIds,
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  withinTries,
  type Process,
} from '../support/racing.ts';
import { withoutClaimProbe, withoutRowLocks } from '../support/unguarded.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const at = Date.parse('2026-11-23T09:00:00+08:00');
const lots = ['guangqi-night', 'institute-21-night', 'qinzhou-north-night'];

type Night = { id: number; startsAt: number; endsAt: number; serviceDate: string };

/** The slots of one night in each of the lots, in the order of `lots`. */
async function nightIn({ db }: Process, serviceDate: string): Promise<Night[]> {
  return db.query<Night>(
    `SELECT id, starts_at AS "startsAt", ends_at AS "endsAt", service_date AS "serviceDate" FROM slot
     WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND service_date = $3
     ORDER BY array_position($2::text[], resource_id)`,
    [siteRow.id, lots, serviceDate],
  );
}

/** One night for a car, as parking asks the engine for it. */
function aStay(personId: string, car: string, night: Night, idempotency: AdmissionRequest['idempotency'] = null) {
  const request: AdmissionRequest = {
    siteId: siteRow.id,
    personId,
    actorId: personId,
    at,
    idempotency,
    drafts: [
      {
        kind: 'parking',
        lines: [{ slotId: night.id, units: 1 }],
        claims: [{ claimantId: car, scope: 'stay', during: night }],
        priceFen: 1500,
        startsAt: night.startsAt,
        endsAt: night.endsAt,
        serviceDate: night.serviceDate,
        cancelUntil: night.startsAt,
        isProvisional: false,
        details: { title: { zh: '夜间停车', en: 'Night parking' } },
      },
    ],
  };
  return request;
}

const outcomeOf = (admission: Admission): string => (admission.ok ? 'booked' : admission.problem);

describe('one car asks for two lots at the same time', () => {
  const cars = Array.from({ length: 20 }, () => randomUUID());
  const [personId = ''] = employeeIds(1);

  /** Both wishes of each car at once, from different processes; how many of them each car got. */
  async function raceForTwoLots(processes: readonly Process[]): Promise<{ won: number[]; outcomes: Set<string> }> {
    const nights = await nightIn(processes[0]!, '2026-11-25');
    const wishes = cars.flatMap((car) => nights.slice(0, 2).map((night) => aStay(personId, car, night)));
    const outcomes = await race(processes, wishes, ({ engine }, wish) =>
      engine.admit(wish).then(outcomeOf, (error: unknown) => databaseRefusal(error)?.constraint ?? String(error)),
    );
    const won = cars.map((_, car) => outcomes.slice(car * 2, car * 2 + 2).filter((one) => one === 'booked').length);
    return { won, outcomes: new Set(outcomes) };
  }

  test('it gets exactly one of them, and the other is refused as an overlap', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { won, outcomes } = await raceForTwoLots(running);
    expect(won).toEqual(cars.map(() => 1));
    expect(outcomes).toEqual(new Set(['booked', 'overlap']));
    await expectInvariants(running[0]!.db);
  });

  test('the constraint alone is enough, whatever the service has seen', async () => {
    running = await startProcesses(3, await seededDatabase(), withoutClaimProbe);
    const { won, outcomes } = await raceForTwoLots(running);
    expect(won).toEqual(cars.map(() => 1));
    // The loser runs into it as often as it is tried.
    expect(outcomes).toEqual(new Set(['booked', 'claim_no_overlap']));
    await expectInvariants(running[0]!.db);
  });

  test('control: without the constraint and the look at held claims it gets both', async () => {
    running = await startProcesses(3, await seededDatabase(), withoutClaimProbe);
    await running[0]!.db.query('ALTER TABLE claim DROP CONSTRAINT claim_no_overlap');
    expect((await raceForTwoLots(running)).won).toEqual(cars.map(() => 2));
  });
});

describe('one idempotency key 50 times at once', () => {
  const [personId = ''] = employeeIds(1);

  /** The same keyed request fifty times, each with a car of its own, so that only the key can make them one. */
  async function raceWithKey(processes: readonly Process[], nights: readonly Night[]): Promise<Admission[]> {
    const idempotency = { key: randomUUID(), request: randomUUID() };
    const wishes = Array.from({ length: 50 }, (_, index) =>
      aStay(personId, randomUUID(), nights[index % nights.length]!, idempotency),
    );
    return race(processes, wishes, ({ engine }, wish) => engine.admit(wish));
  }

  async function bookingsMade({ db }: Process): Promise<number> {
    const [row] = await db.query<{ count: number }>('SELECT count(*)::int AS count FROM booking');
    return row?.count ?? 0;
  }

  test('one booking is made, and all fifty hear of it', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [night] = await nightIn(running[0]!, '2026-11-25');
    const answers = await raceWithKey(running, [night!]);
    expect(
      new Set(
        answers.map((answer) =>
          answer.ok ? JSON.stringify('bookingIds' in answer && answer.bookingIds) : answer.problem,
        ),
      ).size,
    ).toBe(1);
    expect(answers.filter((answer) => answer.ok && !answer.replayed)).toHaveLength(1);
    expect(await bookingsMade(running[0]!)).toBe(1);
    await expectInvariants(running[0]!.db);
  });

  test('one booking is made even where each try would take another slot', async () => {
    running = await startProcesses(3, await seededDatabase());
    const answers = await raceWithKey(running, await nightIn(running[0]!, '2026-11-25'));
    expect(
      new Set(
        answers.map((answer) =>
          answer.ok ? JSON.stringify('bookingIds' in answer && answer.bookingIds) : answer.problem,
        ),
      ).size,
    ).toBe(1);
    expect(await bookingsMade(running[0]!)).toBe(1);
    await expectInvariants(running[0]!.db);
  });

  test('control: without the unique key more than one is made', withinTries, async () => {
    running = await startProcesses(3, await seededDatabase(), withoutRowLocks);
    await running[0]!.db.query('ALTER TABLE idempotency_key DROP CONSTRAINT idempotency_key_site_id_key_pk');
    await raceWithKey(running, await nightIn(running[0]!, '2026-11-25'));
    expect(await bookingsMade(running[0]!)).toBeGreaterThan(1);
  });

  test('over HTTP a repeat gets the first answer, or is told to wait while the first is under way', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [token] = await signIn(running[0]!, employees(1));
    const body = {
      kind: 'shuttle',
      runId: 'run-2',
      serviceDate: '2026-11-24',
      boardStopId: 'metro-l9',
      alightStopId: 'guangqi',
      seats: 1,
    };
    const headers = { 'idempotency-key': 'seat-for-tuesday' };
    const answers = await race(running, Array.from({ length: 50 }), ({ call }) =>
      call('/bookings', { token, body, headers }),
    );
    expect(Object.keys(tally(answers)).toSorted()).toEqual(['201', '409 /problems/in-flight']);
    const booked = answers.filter(({ status }) => status === 201);
    expect(new Set(booked.map((answer) => answer.body['id'])).size).toBe(1);
    expect(booked.filter((answer) => answer.headers.get('idempotent-replay') !== 'true')).toHaveLength(1);
    expect(await bookingsMade(running[0]!)).toBe(1);
  });
});
