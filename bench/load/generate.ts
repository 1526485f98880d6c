import { Connection, type Response } from './connection.ts';

/** Requests to send, each once and in this order, as the bytes on the wire. */
export type Load = {
  url: string;
  requests: readonly Buffer[];
  connections: number;
  /** When to stop, even if requests are left. */
  maxSeconds: number;
};

/** What was answered; latencies in milliseconds. */
export type Measured = {
  statuses: Record<string, number>;
  /** From the first request to the last answer. */
  seconds: number;
  latencies: Float64Array;
  /** The first answer of each status that is not a success, to see what went wrong. */
  samples: Record<string, string>;
};

/** Closed loop: each connection sends its next request as soon as the last one is answered. What the service can do at most. */
export async function closedLoop({ url, requests, connections, maxSeconds }: Load): Promise<Measured> {
  const sockets = await open(url, connections);
  const tally = new Tally(requests.length);
  const start = performance.now();
  const stopAt = start + maxSeconds * 1000;
  let next = 0;
  await Promise.all(
    sockets.map(async (socket) => {
      for (;;) {
        const sentAt = performance.now();
        const request = requests[next++];
        if (!request || sentAt >= stopAt) return;
        tally.add(await socket.send(request), performance.now() - sentAt);
      }
    }),
  );
  for (const socket of sockets) socket.close();
  return tally.measured((performance.now() - start) / 1000);
}

/**
 * Open loop: requests come at a steady rate whether or not the service keeps up, and each one's latency counts from the moment when it
 * was due. A closed loop would wait with the next request while the service stalls, and so not see the stall.
 */
export async function openLoop({ url, requests, connections, maxSeconds }: Load, perSecond: number): Promise<Measured> {
  const idle = await open(url, connections);
  const all = [...idle];
  const tally = new Tally(requests.length);
  const count = Math.min(requests.length, Math.floor(perSecond * maxSeconds));
  const start = performance.now();
  const dueAt = (index: number) => start + (index / perSecond) * 1000;
  let sent = 0;
  let answered = 0;
  const { promise: allAnswered, resolve, reject } = Promise.withResolvers<void>();
  const sendOne = async (socket: Connection, index: number) => {
    const response = await socket.send(requests[index] ?? Buffer.alloc(0));
    tally.add(response, performance.now() - dueAt(index));
    idle.push(socket);
    if (++answered === count) resolve();
  };
  const sendDue = () => {
    const now = performance.now();
    for (let socket; sent < count && dueAt(sent) <= now && (socket = idle.shift());) {
      sendOne(socket, sent++).catch(reject);
    }
    // To look all the time would take a processor from the service.
    if (sent < count) setTimeout(sendDue, 1);
  };
  sendDue();
  await allAnswered;
  for (const socket of all) socket.close();
  return tally.measured((performance.now() - start) / 1000);
}

const probe = Buffer.from('GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
const probesPerConnection = 30;

/**
 * Opens connections and uses each some times for what costs the service nothing. The generator is a new process: until its own code is
 * compiled, it is itself what the first requests wait for. (The service has been warmed by then, see the scenarios.)
 */
function open(url: string, connections: number): Promise<Connection[]> {
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await Connection.open(new URL(url));
      for (let probes = 0; probes < probesPerConnection; probes++) await connection.send(probe);
      return connection;
    }),
  );
}

class Tally {
  readonly #latencies: Float64Array;
  readonly #statuses = new Map<number, number>();
  readonly #samples = new Map<number, string>();
  #count = 0;

  constructor(size: number) {
    this.#latencies = new Float64Array(size);
  }

  add({ status, body }: Response, milliseconds: number): void {
    this.#latencies[this.#count++] = milliseconds;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (status >= 300 && !this.#samples.has(status)) this.#samples.set(status, body.toString('utf8', 0, 400));
  }

  measured(seconds: number): Measured {
    return {
      statuses: Object.fromEntries(this.#statuses),
      seconds,
      latencies: this.#latencies.slice(0, this.#count).toSorted(),
      samples: Object.fromEntries(this.#samples),
    };
  }
}
