import { expectStatus, median, perSecond } from '../figures.ts';
import { get } from '../requests.ts';
import { sendLoad } from '../stage.ts';
import { connections, warmUps, type Bench, type Scenario } from './bench.ts';

const query = 'kind=shuttle&from=2026-11-24&to=2026-11-24';

/** Reads of a day's availability against a route that only knows who asks and checks the same query. */
export const availability: Scenario = async (bench) => {
  for (let times = 0; times < warmUps; times++) {
    await reads(bench, '/api/v1/no-op');
    await reads(bench, '/api/v1/slots');
  }
  const rounds: { noOp: number; read: number; p99: number }[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const before = await reads(bench, '/api/v1/no-op');
    const read = await reads(bench, '/api/v1/slots');
    const after = await reads(bench, '/api/v1/no-op');
    rounds.push({ noOp: (perSecond(before) + perSecond(after)) / 2, read: perSecond(read), p99: read.latency.p99 });
  }
  return [
    { name: 'no-op read', value: median(rounds.map(({ noOp }) => noOp)), unit: '/s' },
    { name: "reads of a day's availability", value: median(rounds.map(({ read }) => read)), unit: '/s' },
    {
      name: 'availability read ÷ no-op read',
      value: median(rounds.map(({ noOp, read }) => read / noOp)),
      unit: 'ratio',
      bar: { atLeast: 0.7 },
    },
    { name: 'p99 at 128 connections, closed loop', value: median(rounds.map(({ p99 }) => p99)), unit: 'ms' },
  ];
};

async function reads({ service, riders }: Bench, path: string) {
  const requests = riders.map((rider) => get(`${path}?${query}`, rider));
  return expectStatus(await sendLoad({ url: service.url, requests, connections, maxSeconds: 5 }), 200);
}
