import { expect, test } from 'vitest';
import { createListeners, type Interest, type ListenerLimits } from './listeners.ts';

const everything: Interest = { kinds: ['shuttle', 'canteen'], resourceId: null };
const someLimits: ListenerLimits = { listeners: 3, listenersPerAddress: 2 };

function aHub(limits = someLimits) {
  return createListeners(limits, () => 'event: reset\n\n');
}
type Hub = ReturnType<typeof aHub>;

function joined(hub: Hub, address: string | null = null, interest = everything) {
  const place = hub.enter(address);
  if (typeof place === 'string') throw new Error(`no place: ${place}`);
  return place.open(interest, 'first\n\n').getReader();
}

/** Reads what has been sent so far, up to a text that must come. */
async function readUpTo(reader: ReadableStreamDefaultReader<Uint8Array>, last: string): Promise<string> {
  let text = '';
  while (!text.endsWith(last)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended after ${text.length} characters`);
    text += new TextDecoder().decode(value);
  }
  return text;
}

const news = (kind: string, resourceId: string, text = `${kind} ${resourceId}`) => ({
  kind,
  resourceId,
  text: `${text}\n`,
});

test('each hears what interests it, and where to resume from with the last of it', async () => {
  const hub = aHub();
  const all = joined(hub);
  const shuttles = joined(hub, null, { kinds: ['shuttle'], resourceId: null });
  const oneRun = joined(hub, null, { kinds: ['shuttle'], resourceId: 'run-2' });
  hub.tell([news('canteen', 'hall'), news('shuttle', 'run-1')], 'id: 7\n');
  hub.tellAll('bye\n\n');
  expect(await readUpTo(all, 'bye\n\n')).toBe('first\n\ncanteen hall\n\nshuttle run-1\nid: 7\n\nbye\n\n');
  expect(await readUpTo(shuttles, 'bye\n\n')).toBe('first\n\nshuttle run-1\nid: 7\n\nbye\n\n');
  expect(await readUpTo(oneRun, 'bye\n\n')).toBe('first\n\nbye\n\n');
});

test('one that does not read is told to start afresh, and nothing piles up for it', async () => {
  const hub = aHub();
  const slow = joined(hub);
  const kilobyte = 'x'.repeat(1024);
  for (let time = 0; time < 10_000; time++) hub.tell([news('shuttle', 'run-1', kilobyte)], '');
  const text = await readUpTo(slow, 'event: reset\n\n');
  expect(text.length).toBeLessThan(200 * 1024);
  hub.tell([news('shuttle', 'run-1', 'after')], '');
  expect(await readUpTo(slow, 'after\n\n')).toBe('after\n\n');
});

test('one that has read nothing between two heartbeats is let go, and its place is free', async () => {
  const hub = aHub({ listeners: 2, listenersPerAddress: 2 });
  const place = hub.enter('192.0.2.1');
  const dead = typeof place === 'string' ? null : place.open(everything, 'first\n\n');
  const alive = joined(hub, '192.0.2.1');
  await readUpTo(alive, 'first\n\n');
  expect(hub.enter(null)).toBe('full');
  hub.beat(':\n\n');
  await readUpTo(alive, ':\n\n');
  hub.beat(':\n\n');
  await readUpTo(alive, ':\n\n');
  const next = hub.enter('192.0.2.1');
  expect(typeof next).toBe('object');
  const text = await new Response(dead as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  expect(text).toBe('first\n\n:\n\n');
});

test('places are counted for the process and for each address, and given back once', async () => {
  const hub = aHub();
  const first = joined(hub, '192.0.2.1');
  joined(hub, '192.0.2.1');
  expect(hub.enter('192.0.2.1')).toBe('crowded');
  const elsewhere = joined(hub, '192.0.2.2');
  expect(hub.enter('192.0.2.3')).toBe('full');
  expect(hub.enter(null)).toBe('full');
  await first.cancel();
  await first.cancel();
  expect(typeof hub.enter('192.0.2.1')).toBe('object');
  expect(hub.enter('192.0.2.3')).toBe('full');
  await elsewhere.cancel();
  expect(hub.enter('192.0.2.1')).toBe('crowded');
});

test('when the service ends every stream ends', async () => {
  const hub = aHub();
  const [one, other] = [joined(hub), joined(hub)];
  expect(hub.isEmpty()).toBe(false);
  hub.endAll();
  expect(hub.isEmpty()).toBe(true);
  for (const reader of [one, other]) {
    await readUpTo(reader, 'first\n\n');
    expect((await reader.read()).done).toBe(true);
  }
});
