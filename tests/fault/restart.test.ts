import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/fresh-database.ts';
import { launchServer, startServer, type ServerProcess } from '../support/server-process.ts';
import { callServer, signInAt } from '../support/service-client.ts';

/** A Monday afternoon after three, when tomorrow's menu is out. */
const now = '2026-11-23T16:00:00+08:00';
const sessionSecret = 'a-secret-of-the-fault-tests-0123456789abcdef';
const resident = '13800000001';
const employee = '13800000002';
const parent = '13800000003';

const folders: string[] = [];
const servers: ServerProcess[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.signal('SIGKILL');
    await server.ended;
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chaoxi-data-'));
  folders.push(folder);
  return folder;
}

async function start(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startServer(env);
  servers.push(server);
  return server;
}

type Items<Item> = { items: Item[] };
type Listed = { id: string; state: string; kind: string };

/** One booking of each kind, made by those who may; their ids. */
async function bookOneOfEach(url: string): Promise<string[]> {
  const [residentToken, employeeToken, parentToken] = await Promise.all(
    [resident, employee, parent].map((phone) => signInAt(url, phone)),
  );
  const open = async (filter: string) => {
    const { body } = await callServer<Items<Listed>>(url, `/slots?${filter}&limit=100`);
    return body.items.find(({ state }) => state === 'open')?.id ?? '';
  };
  const { body: car } = await callServer<{ vehicles: { id: string }[] }>(url, '/me', { token: residentToken! });
  const { body: family } = await callServer<{ children: { id: string }[] }>(url, '/me', { token: parentToken! });
  const [stay, lunch, session] = await Promise.all([
    open('resourceId=guangqi-night'),
    open('kind=canteen'),
    open('kind=childcare'),
  ]);
  const { body: menu } = await callServer<Items<{ id: string }>>(url, `/menus?slotId=${lunch}`);
  const ride = {
    kind: 'shuttle',
    runId: 'run-2',
    serviceDate: '2026-11-24',
    boardStopId: 'metro-l9',
    alightStopId: 'hq',
    seats: 1,
  };
  const wishes = [
    { token: residentToken!, body: { kind: 'parking', slotIds: [stay], vehicleId: car.vehicles[0]?.id } },
    {
      token: employeeToken!,
      body: { kind: 'canteen', slotId: lunch, items: [{ dishId: menu.items[0]?.id, quantity: 1 }] },
    },
    { token: employeeToken!, body: ride },
    { token: parentToken!, body: { kind: 'childcare', slotId: session, childId: family.children[0]?.id } },
  ];
  const answers = await Promise.all(wishes.map((wish) => callServer<{ id: string }>(url, '/bookings', wish)));
  expect(answers.map(({ status, body }) => (status === 201 ? 201 : JSON.stringify(body)))).toEqual([
    201, 201, 201, 201,
  ]);
  return answers.map(({ body }) => body.id);
}

/** The live bookings of the three people, over a session made before the restart where there is one. */
async function bookingsOfAll(url: string): Promise<string[]> {
  const lists = await Promise.all(
    [resident, employee, parent].map(async (phone) => {
      const token = await signInAt(url, phone);
      const { body } = await callServer<Items<Listed>>(url, '/bookings?limit=100', { token });
      return body.items.filter(({ state }) => state === 'confirmed').map(({ id }) => id);
    }),
  );
  return lists.flat();
}

type Place = { env: Record<string, string>; lock: string | null };
const places: Record<string, () => Promise<Place>> = {
  'on the embedded database': async () => {
    const folder = await dataFolder();
    return { env: { DATA_DIR: folder }, lock: join(folder, 'lock') };
  },
  'on PostgreSQL': async () => ({
    env: { DATABASE_URL: await freshDatabase(), DEMO: 'on', SESSION_SECRET: sessionSecret },
    lock: null,
  }),
};

describe.each(Object.entries(places))('a restart %s', (name, place) => {
  test('leaves bookings of all four kinds and the sessions as they were', async () => {
    const { env, lock } = await place();
    const first = await start({ ...env, DEMO_NOW: now });
    const bookings = await bookOneOfEach(first.url);
    const token = await signInAt(first.url, employee);
    first.signal('SIGTERM');
    expect(await first.ended, first.errors()).toBe(0);
    expect(first.errors()).toBe('');
    expect(lock !== null && existsSync(lock)).toBe(false);

    const second = await start({ ...env, DEMO_NOW: now });
    console.log(
      `${name}: ready after ${Math.round(first.readyAfter)} ms, again after ${Math.round(second.readyAfter)} ms`,
    );
    expect((await bookingsOfAll(second.url)).toSorted()).toEqual(bookings.toSorted());
    expect((await callServer(second.url, '/me', { token })).status).toBe(200);
    second.signal('SIGINT');
    expect(await second.ended).toBe(0);
  });
});

test('a second process on the same data folder is refused in one line; when the first is dead, the next takes its lock over', async () => {
  const folder = await dataFolder();
  const first = await start({ DATA_DIR: folder });
  const second = await launchServer({ DATA_DIR: folder });
  servers.push(second);
  expect(await second.ended).toBe(1);
  expect(second.errors().trimEnd().split('\n')).toHaveLength(1);
  expect(second.errors()).toContain(`in use by process ${first.pid}`);
  expect((await callServer(first.url, '/site')).status).toBe(200);

  first.signal('SIGKILL');
  await first.ended;
  expect(existsSync(join(folder, 'lock'))).toBe(true);
  // As when the first is still dying.
  const dying = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1_500)']);
  writeFileSync(join(folder, 'lock'), String(dying.pid));
  const third = await start({ DATA_DIR: folder });
  expect((await callServer(third.url, '/site')).status).toBe(200);
});

test('a lock that names a living process which is not ours is respected', async () => {
  const folder = await dataFolder();
  writeFileSync(join(folder, 'lock'), String(process.pid));
  const server = await launchServer({ DATA_DIR: folder });
  servers.push(server);
  expect(await server.ended).toBe(1);
  expect(server.errors()).toContain(`in use by process ${process.pid}`);
});

describe('DEMO_NOW', () => {
  test('moves the service to another day and back, on data that was made on a third', async () => {
    const folder = await dataFolder();
    for (const day of ['2026-11-23', '2027-05-18', '2026-09-29']) {
      const server = await start({ DATA_DIR: folder, DEMO_NOW: `${day}T09:00` });
      const { body: site } = await callServer<{ now: string }>(server.url, '/site');
      expect(site.now).toMatch(new RegExp(`^${day}T09:0`));
      const { body: today } = await callServer<Items<{ state: string; serviceDate: string }>>(
        server.url,
        `/slots?kind=shuttle&from=${day}&to=${day}&limit=100`,
      );
      expect(today.items).toHaveLength(60);
      // At nine, four morning runs have left their first stop, and the evening's are open.
      const states = new Set(today.items.map(({ state }) => state));
      expect(states).toEqual(new Set(['closed', 'open']));
      const { body: stays } = await callServer<Items<{ state: string }>>(server.url, '/slots?kind=parking&limit=100');
      expect(stays.items.some(({ state }) => state === 'open')).toBe(true);
      const [year, month, date] = day.split('-').map(Number);
      const home = await (await fetch(server.url)).text();
      expect(home).toContain(`${year}年${month}月${date}日`);
      const token = await signInAt(server.url, employee);
      const ride = {
        kind: 'shuttle',
        runId: 'run-7',
        serviceDate: day,
        boardStopId: 'guangqi',
        alightStopId: 'metro-l9',
        seats: 1,
      };
      const booked = await callServer(server.url, '/bookings', { token, body: ride });
      expect(booked.status, JSON.stringify(booked.body)).toBe(201);
      server.signal('SIGTERM');
      expect(await server.ended).toBe(0);
    }
  });
});
