import { closedLoop, openLoop, type Measured } from './generate.ts';

/** What to send, told by the parent process. Texts, because a message between processes is JSON. */
export type LoadOrder = {
  url: string;
  requests: string[];
  connections: number;
  maxSeconds: number;
  /** Requests a second of an open loop; left out for a closed one. */
  perSecond?: number;
};

/** What the parent is told; latencies in milliseconds. */
export type LoadReport = {
  statuses: Record<string, number>;
  samples: Record<string, string>;
  seconds: number;
  answered: number;
  latency: { p50: number; p95: number; p99: number; max: number };
};

process.once('message', (order: LoadOrder) => {
  const load = { ...order, requests: order.requests.map((text) => Buffer.from(text)) };
  const run = order.perSecond === undefined ? closedLoop(load) : openLoop(load, order.perSecond);
  run.then(
    (measured) => process.send?.(reportOf(measured)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

function reportOf({ latencies, ...measured }: Measured): LoadReport {
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    ...measured,
    answered: latencies.length,
    latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: latencies.at(-1) ?? 0 },
  };
}
