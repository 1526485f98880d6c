import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fileGate } from '../../api/gates/file-gate.ts';
import type { Gates } from '../../api/gates/gate.ts';
import { httpGate } from '../../api/gates/http-gate.ts';
import { startListReceiver, type ListReceiver, type Manner } from '../../scripts/gate/list-receiver.ts';
import { gateSecret } from '../support/gate-messages.ts';
import { aGateSite, lotId } from '../support/gate-scene.ts';

type Scene = Awaited<ReturnType<typeof aGateSite>>;
let receiver: ListReceiver | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

/** A gate that behaves in these ways, call after call, and well after that. */
async function aGate(scene: Scene, ...manners: Manner[]): Promise<{ gates: Gates; receiver: ListReceiver }> {
  const now = () => scene.site.clock.now();
  receiver = await startListReceiver({ secret: gateSecret, now, mannerOf: (call) => manners[call] ?? 'take' });
  const gated = httpGate({
    url: receiver.url,
    secret: gateSecret,
    timeoutMilliseconds: manners.includes('hang') ? 3_000 : 30_000,
  });
  return { gates: { gated, staffed: null }, receiver };
}

/** What is on the gate's list, without its ids. */
const listOf = ({ allowed }: ListReceiver) =>
  allowed()
    .map(({ plate, from, until }) => ({ plate, from, until }))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));

const tonight = { from: '2026-11-23T18:30:00+08:00', until: '2026-11-24T08:00:00+08:00' };
const tomorrow = { from: '2026-11-24T18:30:00+08:00', until: '2026-11-25T08:00:00+08:00' };

async function pushes({ site }: Scene) {
  return site.db.query<{ action: string; state: string; attempts: number; lastError: string | null }>(
    `SELECT action, state, attempts, last_error AS "lastError" FROM gate_push WHERE site_id = $1 ORDER BY starts_at, id`,
    [site.id],
  );
}

describe('the list of a gate', () => {
  test('has who has booked, from the first start to the leave-by of each joined run', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23', '2026-11-24']);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([
      { plate: scene.plate, ...tonight },
      { plate: scene.plate, ...tomorrow },
    ]);
    scene.site.clock.set('2026-11-26T12:00:00+08:00');
    await scene.book(['2026-11-27', '2026-11-28', '2026-11-29']);
    await scene.follow(gates);
    expect(listOf(gate).at(-1)).toEqual({
      plate: scene.plate,
      from: '2026-11-27T18:30:00+08:00',
      until: '2026-11-30T08:00:00+08:00',
    });
  });

  test('leaves out the hours of curfew', async () => {
    const scene = await aGateSite({ curfew: { from: '22:00', to: '06:00' } });
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([
      { plate: scene.plate, from: tonight.from, until: '2026-11-23T22:00:00+08:00' },
      { plate: scene.plate, from: '2026-11-24T06:00:00+08:00', until: tonight.until },
    ]);
  });

  test('is told two days ahead, not a month', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23', '2026-12-10']);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([{ plate: scene.plate, ...tonight }]);
  });

  test('loses who cancels, and is told nothing of who cancels before it was told', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    const first = await scene.book(['2026-11-23']);
    await scene.follow();
    await scene.driver.post(`/bookings/${first}/cancel`, {});
    await scene.follow(gates);
    expect(gate.calls()).toBe(0);
    const second = await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(listOf(gate)).toHaveLength(1);
    await scene.driver.post(`/bookings/${second}/cancel`, {});
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([]);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([{ plate: scene.plate, ...tonight }]);
  });

  test('follows a change of plate', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    await scene.site.db.query(`UPDATE vehicle SET plate = '沪C12345' WHERE site_id = $1 AND id = $2`, [
      scene.site.id,
      scene.driver.vehicleIds[0],
    ]);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([{ plate: '沪C12345', ...tonight }]);
  });

  test('loses who has to give way', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    const cut = { resourceId: 'guangqi-night', from: '2026-11-23', to: '2026-11-23', capacity: 0, reason: '检修' };
    const done = await scene.provider.post('/capacity-changes', { ...cut, onExcess: 'displace' });
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([]);
  });

  test('is not told of again what it knows', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene);
    await scene.book(['2026-11-23']);
    for (let round = 0; round < 3; round++) await scene.follow(gates);
    expect(gate.calls()).toBe(1);
  });

  test('is forgotten a day after its time', async () => {
    const scene = await aGateSite();
    const { gates } = await aGate(scene);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    scene.site.clock.set('2026-11-25T08:01:00+08:00');
    await scene.follow(gates);
    expect(await pushes(scene)).toEqual([]);
  });

  test('is nobody’s on a street', async () => {
    const scene = await aGateSite({}, { kind: 'onstreet-permit' });
    await scene.book(['2026-11-23']);
    await scene.follow();
    expect(await pushes(scene)).toEqual([]);
  });
});

describe('a gate that is not well', () => {
  test.each<[Manner, string]>([
    ['fail', 'HTTP 500'],
    ['garble', 'unreadable answer'],
    ['hang', 'no answer in time'],
    ['mute', 'not reached'],
  ])('(%s) is told again later, and until then one can see why', async (manner, error) => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene, manner);
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(await pushes(scene)).toEqual([{ action: 'allow', state: 'waiting', attempts: 1, lastError: error }]);
    expect((await scene.presence()).list).toEqual({ waiting: 1, failing: 1, refused: 0, lastError: error });
    await scene.follow(gates);
    expect(gate.calls()).toBe(1);
    scene.site.clock.advance(11);
    await scene.follow(gates);
    expect(await pushes(scene)).toEqual([{ action: 'allow', state: 'accepted', attempts: 2, lastError: null }]);
    expect(listOf(gate)).toEqual([{ plate: scene.plate, ...tonight }]);
    expect((await scene.presence()).list).toEqual({ waiting: 0, failing: 0, refused: 0, lastError: null });
  });

  test('that answers twice is believed once', async () => {
    const scene = await aGateSite();
    const { gates } = await aGate(scene, 'twice');
    await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(await pushes(scene)).toMatchObject([{ state: 'accepted' }]);
  });

  test('that turns a car down has the last word, and it shows', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene, 'refuse');
    const bookingId = await scene.book(['2026-11-23']);
    await scene.follow(gates);
    scene.site.clock.advance(3_600);
    await scene.follow(gates);
    expect(gate.calls()).toBe(1);
    expect((await scene.presence()).list).toEqual({ waiting: 0, failing: 0, refused: 1, lastError: 'list-full' });
    await scene.driver.post(`/bookings/${bookingId}/cancel`, {});
    await scene.follow(gates);
    expect([gate.calls(), await pushes(scene)]).toEqual([1, []]);
  });

  test('that took a car without a word is told to let it go when the booking is gone', async () => {
    const scene = await aGateSite();
    const { gates, receiver: gate } = await aGate(scene, 'mute');
    const bookingId = await scene.book(['2026-11-23']);
    await scene.follow(gates);
    expect(listOf(gate)).toHaveLength(1);
    await scene.driver.post(`/bookings/${bookingId}/cancel`, {});
    await scene.follow(gates);
    expect(listOf(gate)).toEqual([]);
  });
});

describe('a lot without a way to its gate', () => {
  test('keeps what is to be told, for all to see', async () => {
    const scene = await aGateSite();
    await scene.book(['2026-11-23', '2026-11-24']);
    await scene.sweep();
    expect((await scene.presence()).list).toEqual({ waiting: 2, failing: 0, refused: 0, lastError: null });
    const { gates, receiver: gate } = await aGate(scene);
    await scene.sweep(gates);
    expect(listOf(gate)).toHaveLength(2);
  });
});

test('guards find their list in a file that is theirs alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gate-lists-'));
  try {
    const scene = await aGateSite({}, { kind: 'staffed' });
    const gates = { gated: null, staffed: fileGate(join(folder, 'lists')) };
    const bookingId = await scene.book(['2026-11-23']);
    await scene.follow(gates);
    await scene.driver.post(`/bookings/${bookingId}/cancel`, {});
    await scene.follow(gates);
    const path = join(folder, 'lists', `${lotId}.jsonl`);
    const lines = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { lotId, action: 'allow', plate: scene.plate, ...tonight },
      { lotId, action: 'revoke', plate: scene.plate, ...tonight },
    ]);
    expect((await stat(path)).mode & 0o077).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a folder that cannot be written to is tried again', async () => {
  const scene = await aGateSite({}, { kind: 'staffed' });
  await scene.book(['2026-11-23']);
  await scene.follow({ gated: null, staffed: fileGate('/dev/null/lists') });
  expect(await pushes(scene)).toMatchObject([{ state: 'waiting', attempts: 1, lastError: 'ENOTDIR' }]);
});
