import { expectStatus, median, perSecond, type Figure } from '../figures.ts';
import type { LoadReport } from '../load/process.ts';
import { bookingsOf, noOpsOf } from '../riders.ts';
import { cpuOf, sendLoad, startService } from '../stage.ts';
import { connections, warmUps, type Bench, type Scenario } from './bench.ts';

/**
 * Confirmed bookings over HTTP, everybody wanting the same slot, against the route that does nothing but pass the same middleware. The
 * no-op is measured before and after each booking round, so that a machine whose speed drifts does not tilt the ratio; and each round has
 * a process of its own, since two of the same code can differ by a fifth for as long as they live.
 */
export const bookingOverHttp: Scenario = async (bench) => {
  const rounds: Round[] = [];
  for (let round = 0; round < bench.rounds; round++) rounds.push(await withWarmService(bench, oneRound));
  const peak = median(rounds.map(({ booked }) => perSecond(booked)));
  const open = await withWarmService(bench, (warm) => openLoop(warm, peak * 0.7));
  const figure = (name: string, of: (round: Round) => number, unit: Figure['unit'], bar?: Figure['bar']): Figure => ({
    name,
    value: median(rounds.map(of)),
    unit,
    ...(bar ? { bar } : {}),
  });
  return [
    figure('no-op route', ({ noOp }) => noOp, '/s'),
    figure('bookings of one slot', ({ booked }) => perSecond(booked), '/s'),
    figure('bookings of one slot ÷ no-op route', ({ booked, noOp }) => perSecond(booked) / noOp, 'ratio', {
      atLeast: 0.4,
    }),
    figure('p50 at 128 connections, closed loop', ({ booked }) => booked.latency.p50, 'ms'),
    figure('p99 at 128 connections, closed loop', ({ booked }) => booked.latency.p99, 'ms', { atMost: 25 }),
    { name: 'p50 at 70 % of the peak, open loop', value: open.latency.p50, unit: 'ms' },
    { name: 'p99 at 70 % of the peak, open loop', value: open.latency.p99, unit: 'ms' },
    figure('the service, per booking', ({ cpu }) => cpu.service, 'µs CPU'),
    figure('PostgreSQL, per booking', ({ cpu }) => cpu.postgres, 'µs CPU'),
  ];
};

/** Starts a service, lets everybody come both ways, and measures something of it. */
async function withWarmService<Result>(bench: Bench, measure: (bench: Bench) => Promise<Result>): Promise<Result> {
  const service = await startService(bench.stage.url);
  const own = { ...bench, service };
  try {
    for (let times = 0; times < warmUps; times++) {
      await noOps(own);
      await bookings(own);
    }
    return await measure(own);
  } finally {
    await service.stop();
  }
}

type Round = { noOp: number; booked: LoadReport; cpu: { service: number; postgres: number } };

async function oneRound(bench: Bench): Promise<Round> {
  const before = perSecond(await noOps(bench));
  const cpu = cpuOf(bench);
  const booked = await bookings(bench);
  const used = cpuOf(bench);
  const after = perSecond(await noOps(bench));
  const perBooking = (which: 'service' | 'postgres') => ((used[which] - cpu[which]) * 1e6) / booked.answered;
  return {
    noOp: (before + after) / 2,
    booked,
    cpu: { service: perBooking('service'), postgres: perBooking('postgres') },
  };
}

async function noOps({ service, riders }: Bench): Promise<LoadReport> {
  const requests = noOpsOf(riders, { runId: 'run-2', serviceDate: '2026-11-24', leg: 0 });
  return expectStatus(await sendLoad({ url: service.url, requests, connections, maxSeconds: 30 }), 201);
}

/** One round of bookings of a fresh slot, as fast as the service answers. */
export async function bookings({ service, riders, nextSlot }: Bench): Promise<LoadReport> {
  const requests = bookingsOf(riders, nextSlot());
  return expectStatus(await sendLoad({ url: service.url, requests, connections, maxSeconds: 60 }), 201);
}

async function openLoop({ service, riders, nextSlot }: Bench, rate: number): Promise<LoadReport> {
  const requests = bookingsOf(riders, nextSlot());
  return expectStatus(
    await sendLoad({ url: service.url, requests, connections, maxSeconds: 10, perSecond: rate }),
    201,
  );
}
