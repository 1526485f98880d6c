import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import type { ProblemDocument } from '../../api/http/schemas.ts';
import type { otpAnswer, sessionAnswer } from '../../api/people/schemas.ts';
import type { Dish } from '../../api/services/canteen/schemas.ts';
import type { BookingAnswer } from '../../api/services/registry.ts';
import type { SlotAnswer } from '../../api/services/schemas.ts';
import { openDb } from '../../db/open.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { seedDemoSite } from '../support/seed-demo-site.ts';
import { bundledModules, startWorker, type TestWorker } from '../support/wrangler.ts';

/** A Monday morning on which canteens, runs and lots are open for days to come. */
const now = '2026-11-23T09:00:00+08:00';
const employee = '13800000002';
const administrator = '13800000009';

describe('the service in workerd', () => {
  let worker: TestWorker;
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await freshDatabase();
    await seedDemoSite(databaseUrl, now);
    worker = await startWorker({
      databaseUrl,
      vars: { DEMO: 'on', DEMO_NOW: now, SESSION_SECRET: 'a-secret-of-the-edge-tests-0123456789abcdef' },
    });
  });
  afterAll(() => worker?.stop());

  const call = (path: string, init: RequestInit = {}) => fetch(`${worker.url}${path}`, { redirect: 'manual', ...init });

  async function post<Body>(path: string, body: object, headers: Record<string, string> = {}) {
    const response = await call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  test('it is ready once it reaches PostgreSQL through Hyperdrive', async () => {
    expect((await call('/health/live')).status).toBe(200);
    expect((await call('/health/ready')).status).toBe(200);
  });

  test('the home page is rendered in Chinese, with what the API says of the site', async () => {
    const response = await call('/');
    const html = await response.text();
    expect(response.status, html + worker.log()).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('<html lang="zh-CN"');
    expect(html).toContain('漕河泾');
  });

  test("a page's own calls to the API stay in the Worker, which cannot reach itself over the network", async () => {
    await call('/');
    await vi.waitFor(() => expect(worker.log()).toContain('GET / 200'));
    expect(worker.log()).not.toContain('GET /api/v1/site');
  });

  test('a page that does not exist is a 404 page, and an API path that does not exist a problem document', async () => {
    expect((await call('/no-such-page')).status).toBe(404);
    const api = await call('/api/v1/no-such-thing');
    expect(api.status).toBe(404);
    expect(api.headers.get('content-type')).toContain('application/problem+json');
  });

  test('a meal is booked, shown, answered again for the same key, and cancelled', async () => {
    const authorization = await signIn();
    const { slotId, dishId } = await aDishToOrder(authorization);
    const wish = { kind: 'canteen', slotId, items: [{ dishId, quantity: 1 }] };
    const headers = { authorization, 'idempotency-key': randomUUID() };

    const booked = await post<BookingAnswer>('/api/v1/bookings', wish, headers);
    expect(booked.status, JSON.stringify(booked.body)).toBe(201);
    expect(await bookingIds(authorization)).toContain(booked.body.id);

    const again = await post<BookingAnswer>('/api/v1/bookings', wish, headers);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(again.body.id).toBe(booked.body.id);

    const pass = await call(`/api/v1/bookings/${booked.body.id}/pass`, { headers: { authorization } });
    expect(pass.status).toBe(200);
    const { qr, validFrom } = (await pass.json()) as { qr: string; validFrom: string };
    const scan = { code: qr, at: validFrom, nonce: randomUUID() };
    // Its signature is known again: it is only too early.
    const early = await post<ProblemDocument>('/api/v1/check-ins', scan, {
      authorization: await signIn(administrator),
    });
    expect(early.body.rule, JSON.stringify(early.body)).toBe('check-in-not-open');

    const cancelled = await post<BookingAnswer>(
      `/api/v1/bookings/${booked.body.id}/cancel`,
      {},
      { authorization, 'idempotency-key': randomUUID() },
    );
    expect(cancelled.status, JSON.stringify(cancelled.body)).toBe(200);
    expect(cancelled.body.state).toBe('cancelled');
  });

  test('the scheduled sweep does what has become due', async () => {
    const db = await openDb({ url: databaseUrl });
    const old = `SELECT count(*)::int AS keys FROM idempotency_key WHERE created_at < '2026-11-20'`;
    try {
      await db.query(
        `INSERT INTO idempotency_key (site_id, key, request, created_at, answer)
         SELECT id, gen_random_uuid(), gen_random_uuid(), '2026-11-01', '{}' FROM site`,
      );
      expect(await db.query(old)).toEqual([{ keys: 1 }]);
      const swept = await call('/cdn-cgi/handler/scheduled');
      expect(swept.status, worker.log()).toBe(200);
      expect(await db.query(old)).toEqual([{ keys: 0 }]);
    } finally {
      await db.close();
    }
  });

  test('there is no live feed, and the answer says what to do instead', async () => {
    const refused = await call('/api/v1/events?kind=shuttle');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ type: '/problems/no-feed' });
  });

  test('a booking without a session is refused', async () => {
    const refused = await post<ProblemDocument>('/api/v1/bookings', {
      kind: 'canteen',
      slotId: '1',
      items: [{ dishId: 'a', quantity: 1 }],
    });
    expect(refused.status).toBe(401);
  });

  async function signIn(phone = employee): Promise<string> {
    const otp = await post<z.infer<typeof otpAnswer>>('/api/v1/auth/otp', { phone });
    expect(otp.status, JSON.stringify(otp.body)).toBe(202);
    const session = await post<z.infer<typeof sessionAnswer>>('/api/v1/auth/session', {
      phone,
      code: otp.body.demoCode,
    });
    expect(session.status, JSON.stringify(session.body)).toBe(201);
    expect(session.headers.get('set-cookie')).toContain('HttpOnly');
    return `Bearer ${session.body.token}`;
  }

  async function listed<Item>(path: string, authorization: string): Promise<Item[]> {
    const response = await call(path, { headers: { authorization } });
    expect(response.status, path).toBe(200);
    return ((await response.json()) as { items: Item[] }).items;
  }

  async function bookingIds(authorization: string): Promise<string[]> {
    const bookings = await listed<BookingAnswer>('/api/v1/bookings', authorization);
    return bookings.map((booking) => booking.id);
  }

  /** The first pick-up window with room for which a dish can be ordered. */
  async function aDishToOrder(authorization: string): Promise<{ slotId: string; dishId: string }> {
    const slots = await listed<SlotAnswer>('/api/v1/slots?kind=canteen', authorization);
    for (const slot of slots) {
      if (slot.state !== 'open' || slot.remaining < 1) continue;
      const dishes = await listed<Dish>(`/api/v1/menus?slotId=${encodeURIComponent(slot.id)}`, authorization);
      const dish = dishes.find((one) => one.portionsLeft > 0);
      if (dish) return { slotId: slot.id, dishId: dish.id };
    }
    throw new Error(`no dish can be ordered in ${JSON.stringify(slots.slice(0, 3))}`);
  }
});

describe('the bundle for Workers', () => {
  let bundle: Awaited<ReturnType<typeof bundledModules>>;
  beforeAll(async () => {
    bundle = await bundledModules();
  });

  test('holds the entry and the PostgreSQL driver, so that the lists below mean something', () => {
    expect(bundle.paths).toContain('api/worker.ts');
    expect(bundle.paths.some((path) => path.includes('node_modules/postgres/'))).toBe(true);
  });

  test('holds no PGlite, no Node server and no tests', () => {
    const unwanted = /@electric-sql\/pglite|drizzle-orm\/pglite|@hono\/node-server|^(tests|scripts)\//;
    expect(bundle.paths.filter((path) => unwanted.test(path))).toEqual([]);
  });

  test('is below 1 MiB compressed, a third of what Cloudflare takes for nothing', () => {
    expect(bundle.bytes).toBeGreaterThan(100 * 1024);
    expect(bundle.bytes).toBeLessThan(1024 * 1024);
  });
});
