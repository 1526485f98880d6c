import { connect } from 'node:net';

/** How many listeners to open, told by the parent process. */
export type ListenOrder = { url: string; path: string; count: number };

/** First `ready`, when all of them are connected; then, per change that all have heard of, when the middle one and the last one did. */
export type Heard = { ready: true } | { ready: false; p50: number; last: number };

/** Milliseconds since 1970, in fractions: the same clock in every process of a machine. */
export const wallClock = (): number => performance.timeOrigin + performance.now();

process.once('message', ({ url, path, count }: ListenOrder) => {
  const { hostname, port, host } = new URL(url);
  let connected = 0;
  let heardAt: number[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      if (text.includes('event: ready') && ++connected === count) process.send?.({ ready: true } satisfies Heard);
      if (!text.includes('event: slot')) return;
      heardAt.push(wallClock());
      if (heardAt.length < count) return;
      const [p50 = 0, last = 0] = [heardAt[Math.floor(count / 2)], heardAt.at(-1)];
      heardAt = [];
      process.send?.({ ready: false, p50, last } satisfies Heard);
    });
    socket.on('error', (error) => {
      console.error('a listener was cut off:', error.message);
      process.exit(1);
    });
  }
});
