import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from '../api/app.ts';
import { clockFrom } from '../api/clock.ts';
import { createDeps, createMemory } from '../api/deps.ts';
import { createLive } from '../api/live.ts';
import { answer } from '../api/http/answer.ts';
import { createTurns } from '../api/http/turns.ts';
import { signedIn } from '../api/http/signed-in.ts';
import { validate } from '../api/http/validate.ts';
import { bookingRequest } from '../api/services/registry.ts';
import { slotQuery } from '../api/services/schemas.ts';
import { openDb } from '../db/open.ts';
import { benchNow, config, secret } from './settings.ts';

/**
 * The service as `npm start` serves it, without pages, and with one route more: `/api/v1/no-op` takes a booking's or a list's
 * request through the same middleware, checks who asks and what, and answers. What it costs is what HTTP costs.
 */
const db = await openDb({ url: process.env['DATABASE_URL'] ?? '' });
const clock = clockFrom(benchNow, () => Date.now());
const log = (_level: string, message: string, facts?: object) => console.error(message, facts);
const live = createLive(db, clock, { listeners: 20_000, listenersPerAddress: 20_000 }, (error) =>
  log('error', String(error)),
);
const deps = createDeps(db, clock, config, createMemory(config, secret), { log, addressOf: () => null, live });
const app = createApp(deps)
  .post('/api/v1/no-op', signedIn, validate('json', bookingRequest), (c) => answer(c, c.req.valid('json'), 201))
  .get('/api/v1/no-op', validate('query', slotQuery), (c) => answer(c, { kind: c.req.valid('query').kind }, 200));
const listener = getRequestListener((request, bindings) => app.fetch(request, bindings));
const inTurn = createTurns();
const server = createServer((request, response) => inTurn(() => void listener(request, response)));
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('disconnect', () => process.exit(0));
