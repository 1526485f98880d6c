import { afterEach, expect, test } from 'vitest';
import { cuttableLink } from '../support/cuttable-link.ts';
import { readEvents, settledStream } from '../support/event-stream.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { employees } from '../support/racing.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { callServer, signInAt } from '../support/service-client.ts';
import { waitUntil } from '../support/wait-until.ts';

const settings = {
  DEMO: 'on',
  DEMO_NOW: '2026-11-23T06:00:00+08:00',
  SESSION_SECRET: 'a-secret-of-the-fault-tests-0123456789abcdef',
};
const ride = {
  kind: 'shuttle',
  runId: 'run-2',
  serviceDate: '2026-11-24',
  boardStopId: 'metro-l9',
  alightStopId: 'guangqi',
  seats: 1,
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function aServer(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startServer({ ...settings, ...env });
  cleanups.push(async () => {
    server.signal('SIGKILL');
    await server.ended;
  });
  return server;
}

const listen = async (url: string, signal?: AbortSignal) => {
  const response = await fetch(`${url}/api/v1/events?kind=shuttle`, signal ? { signal } : {});
  return response.ok ? readEvents(response) : null;
};
type Listener = NonNullable<Awaited<ReturnType<typeof listen>>>;

function listening(url: string): Promise<Listener> {
  return settledStream(async () => {
    const stream = await listen(url);
    if (!stream) throw new Error('there is no place');
    return stream;
  });
}

test('when the service is told to stop, it ends every stream and stops without waiting for the listeners', async () => {
  const server = await aServer({ DATABASE_URL: await freshDatabase() });
  const streams = await Promise.all(Array.from({ length: 20 }, () => listening(server.url)));
  server.signal('SIGTERM');
  expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual(streams.map(() => null));
  expect(await server.ended).toBe(0);
});

test('a listener whose connection breaks gives its place back', async () => {
  const server = await aServer({ DATABASE_URL: await freshDatabase(), ADDRESS_LISTENERS: '1' });
  const broken = new AbortController();
  const stream = await listen(server.url, broken.signal);
  await stream?.upTo('ready');
  expect(await listen(server.url)).toBe(null);
  broken.abort();
  const next = await waitUntil('the place is free', () => listen(server.url));
  await next.upTo('ready');
  await next.close();
});

test('listeners stay through an outage of the database, and hear of what happens after it', async () => {
  const link = await cuttableLink(await freshDatabase());
  cleanups.push(() => link.close());
  const server = await aServer({ DATABASE_URL: link.url });
  const [phone = ''] = employees(1);
  const token = await signInAt(server.url, phone);
  const stream = await listening(server.url);

  await link.cut();
  await waitUntil(
    'a look has failed',
    () => (server.errors() + server.output()).includes('a look at the log failed') || null,
  );
  const away = await callServer(server.url, '/slots?kind=shuttle');
  expect(away.status).toBe(503);

  await link.restore();
  await waitUntil(
    'the service is ready again',
    async () => (await fetch(`${server.url}/health/ready`)).status === 200 || null,
    30_000,
  );
  expect((await callServer(server.url, '/bookings', { token, body: ride })).status).toBe(201);
  expect(await stream.next()).toMatchObject({ event: 'slot', data: { resourceId: 'run-2', remaining: 21 } });
  await stream.close();
});
