import { describe, expect, test } from 'vitest';
import { createEventLog } from '../../api/engine/event-log.ts';
import { maxEvents } from '../../api/engine/read-log.ts';
import { createSlotPages } from '../../api/services/slot-pages.ts';
import type { SlotAnswer } from '../../api/services/schemas.ts';
import { problemOf } from '../support/call.ts';
import { readEvents } from '../support/event-stream.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, staff } from '../support/person.ts';
import { aSite, closeSlot, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn, slotsOn } from '../support/slots.ts';

const date = '2026-11-24';

async function openEvents(site: TestSite, query = '', headers: Record<string, string> = {}) {
  return readEvents(await site.app.fetch(new Request(`http://chaoxi.test/api/v1/events${query}`, { headers })));
}

/** More events than are looked at one by one. */
async function manyEvents(site: TestSite): Promise<void> {
  await site.db.query(
    `INSERT INTO event (site_id, at, type, slot_id)
     SELECT $1, now(), 'slot.capacity-changed', s.id FROM generate_series(1, $2::int) g,
       (SELECT id FROM slot WHERE site_id = $1 ORDER BY id LIMIT 1) s`,
    [site.id, maxEvents + 1],
  );
}

/** Counts the statements that read a page of slots. */
function countingPages(site: TestSite) {
  const query = site.db.query.bind(site.db);
  const counted = { pages: 0, restore: () => void (site.db.query = query) };
  site.db.query = (text: string, parameters?: readonly unknown[]) => {
    if (text.includes('ORDER BY service_date, starts_at, id LIMIT')) counted.pages++;
    return query(text, parameters);
  };
  return counted;
}

describe('a list of slots that is asked for again', () => {
  test('is not read again while nothing has changed, and is after a booking of one of them', async () => {
    const site = await aSite([aRun()]);
    const person = await site.person(anEmployee());
    await slotsOn(site, 'run-2', date);
    const counted = countingPages(site);
    try {
      const before = await slotsOn(site, 'run-2', date);
      expect(await slotsOn(person, 'run-2', date)).toEqual(before);
      expect(counted.pages).toBe(0);
      await person.post('/bookings', aRide());
      expect((await slotsOn(site, 'run-2', date)).map(({ remaining }) => remaining)).toEqual(
        before.map(({ remaining }) => remaining - 1),
      );
      expect(counted.pages).toBe(1);
    } finally {
      counted.restore();
    }
  });

  test('is kept when slots of another day or of another resource change', async () => {
    const site = await aSite([aRun(), aRun({ id: 'run-3' })]);
    const person = await site.person(anEmployee());
    await slotsOn(site, 'run-3', date);
    await slotsOn(site, 'run-2', '2026-11-25');
    const counted = countingPages(site);
    try {
      await person.post('/bookings', aRide());
      await slotsOn(site, 'run-3', date);
      await slotsOn(site, 'run-2', '2026-11-25');
      expect(counted.pages).toBe(0);
    } finally {
      counted.restore();
    }
  });

  test('shows a change of capacity, a cancellation and a closing at once', async () => {
    const site = await aSite([aRun()]);
    const person = await site.person(anEmployee());
    const administrator = await site.person(staff('site-administrator', null));
    const slot = await slotOn(site, 'run-2', date);
    const made = await person.post('/bookings', aRide());
    expect((await slotOn(site, 'run-2', date)).remaining).toBe(slot.remaining - 1);
    await person.post(`/bookings/${made.body.id}/cancel`, {});
    expect((await slotOn(site, 'run-2', date)).remaining).toBe(slot.remaining);
    await administrator.post('/capacity-changes', { slotIds: [slot.id], capacity: 9, reason: 'a small bus' });
    expect(await slotOn(site, 'run-2', date)).toMatchObject({ capacity: 9, remaining: 9 });
    await closeSlot(site, slot.id);
    expect(await slotOn(site, 'run-2', date)).toMatchObject({ state: 'closed', closedReason: '检修' });
  });

  test('has the slots that were published meanwhile', async () => {
    const site = await aSite([aRun()]);
    expect(await remainingOn(site, 'run-2', '2027-01-05')).toEqual([]);
    site.clock.set('2026-12-15T09:00:00+08:00');
    expect(await site.topUp()).toBeGreaterThan(0);
    expect((await remainingOn(site, 'run-2', '2027-01-05')).length).toBeGreaterThan(0);
  });

  test('shows slots as open and as closed from the instant on at which they are, and back when the clock is set back', async () => {
    const site = await aSite([aRun()]);
    const { opensAt, closesAt } = await slotOn(site, 'run-2', '2026-12-07');
    const stateAt = async (instant: string, seconds: number) => {
      site.clock.set(instant);
      site.clock.advance(seconds);
      return (await slotOn(site, 'run-2', '2026-12-07')).state;
    };
    expect(await stateAt(opensAt, -1)).toBe('upcoming');
    expect(await stateAt(opensAt, 0)).toBe('open');
    expect(await stateAt(closesAt, -1)).toBe('open');
    expect(await stateAt(closesAt, 0)).toBe('closed');
    expect(await stateAt(opensAt, -1)).toBe('upcoming');
  });

  test('is not kept when a slot was booked while it was being read', async () => {
    const site = await aSite([aRun()]);
    const person = await site.person(anEmployee());
    const [before = 0] = await remainingOn(site, 'run-2', '2026-11-25');
    await site.topUp();
    const query = site.db.query.bind(site.db);
    const found = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let isFirst = true;
    site.db.query = (async (text: string, parameters?: readonly unknown[]) => {
      const rows = await query(text, parameters);
      if (!isFirst || !text.includes('ORDER BY service_date, starts_at, id LIMIT')) return rows;
      isFirst = false;
      found.resolve();
      await goOn.promise;
      return rows;
    }) as typeof query;
    try {
      const early = remainingOn(site, 'run-2', date);
      await found.promise;
      await person.post('/bookings', aRide());
      expect((await remainingOn(site, 'run-2', date))[0]).toBe(before - 1);
      goOn.resolve();
      expect((await early)[0]).toBe(before);
      expect((await remainingOn(site, 'run-2', date))[0]).toBe(before - 1);
    } finally {
      site.db.query = query;
    }
  });

  test('is forgotten first when it was least lately asked for, so that what is kept stays bounded', async () => {
    const site = await aSite([aRun()]);
    const context = await site.deps.contextNow();
    const log = createEventLog(site.db, site.id);
    const bytes = 6_000;
    const pages = createSlotPages(log, { pages: 3, bytes });
    const read = (from: string) =>
      pages.read(
        context,
        { siteId: site.id, kinds: ['shuttle'], resourceId: null, from, to: from, after: null, limit: 500 },
        false,
      );
    for (let day = 10; day < 30; day++) {
      await read(`2026-11-${day}`);
      expect(pages.size().pages).toBeLessThanOrEqual(3);
      expect(pages.size().bytes).toBeLessThanOrEqual(bytes);
    }
    for (const day of ['01', '02', '03']) await read(`2026-10-${day}`);
    expect(pages.size()).toEqual({ pages: 3, bytes: 3 * '{"items":[],"nextCursor":null}'.length });
    const counted = countingPages(site);
    try {
      for (const day of ['01', '04', '01', '02']) await read(`2026-10-${day}`);
      expect(counted.pages).toBe(2);
    } finally {
      counted.restore();
    }
  });

  test('is packed for who takes gzip, and for nobody else', async () => {
    const site = await aSite([aRun()]);
    const path = `/slots?from=${date}&to=2026-11-27`;
    const { body: list } = await site.get<{ items: SlotAnswer[] }>(path);
    const fetched = (encodings: string) =>
      site.app.fetch(new Request(`http://chaoxi.test/api/v1${path}`, { headers: { 'accept-encoding': encodings } }));
    const packed = await fetched('br, gzip');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    const unpacked = packed.body?.pipeThrough(new DecompressionStream('gzip'));
    expect(await new Response(unpacked).json()).toEqual(list);
    const plain = await fetched('gzip;q=0, identity');
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(await plain.json()).toEqual(list);
  });
});

describe('the stream of events', () => {
  test('says where it begins, then what is left of each slot that changes, and nothing of who changed it', async () => {
    const site = await aSite([aRun()]);
    const person = await site.person(anEmployee());
    const [slot] = await slotsOn(site, 'run-2', date);
    const events = await openEvents(site, '?kind=shuttle');
    expect(await events.next()).toMatchObject({ event: 'ready', data: {} });
    expect(events.position()).toMatch(/^\d+$/);
    await person.post('/bookings', aRide());
    expect(await events.next()).toMatchObject({
      event: 'slot',
      data: {
        slotId: slot?.id,
        resourceId: 'run-2',
        kind: 'shuttle',
        serviceDate: date,
        capacity: slot?.capacity,
        remaining: (slot?.remaining ?? 0) - 1,
        state: 'open',
      },
    });
    await events.close();
  });

  test('begins with what changed since the position that it is given, each slot once', async () => {
    const site = await aSite([aRun()]);
    const person = await site.person(anEmployee());
    const before = await openEvents(site);
    await before.upTo('ready');
    await before.close();
    const made = await person.post('/bookings', aRide());
    await person.post(`/bookings/${made.body.id}/cancel`, {});
    const after = await openEvents(site, '', { 'last-event-id': before.position() ?? '' });
    const messages = await after.upTo('ready');
    const legs = await slotsOn(site, 'run-2', date);
    expect(messages.map(({ data }) => data['slotId']).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      ...legs.map(({ id }) => id),
      undefined,
    ]);
    expect(messages[0]?.data['remaining']).toBe(legs[0]?.remaining);
    await after.close();
  });

  test('says to start afresh when the position is too old, or is none of ours', async () => {
    const site = await aSite([aRun({ seats: 22 })]);
    await manyEvents(site);
    for (const position of ['1', 'abc', '9'.repeat(30)]) {
      const events = await openEvents(site, `?lastEventId=${position}`);
      expect((await events.upTo('ready')).map(({ event }) => event)).toEqual(['reset', 'ready']);
      await events.close();
    }
  });

  test('says to start afresh when too much happens at once', async () => {
    const site = await aSite([aRun()]);
    const events = await openEvents(site);
    await events.upTo('ready');
    await manyEvents(site);
    expect((await events.next())?.event).toBe('reset');
    await events.close();
  });

  test('has so many places for an address and for all, and a place is free when its listener has gone', async () => {
    const site = await aSite([aRun()], { address: '192.0.2.7', listeners: { listeners: 3, listenersPerAddress: 2 } });
    const [first, second] = [await openEvents(site), await openEvents(site)];
    const refused = await site.get('/events');
    expect(problemOf(refused)).toBe('too-many-requests');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await first.close();
    const third = await openEvents(site);
    expect((await third.next())?.event).toBe('ready');
    await third.close();
    await second.close();

    const small = await aSite([aRun()], { listeners: { listeners: 1 } });
    const only = await openEvents(small);
    const full = await small.get('/events');
    expect([full.status, problemOf(full)]).toEqual([503, 'busy']);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    await only.close();
  });

  test('takes no place for a question that has no body in its answer', async () => {
    const site = await aSite([aRun()], { listeners: { listeners: 1 } });
    const head = await site.raw('HEAD', '/events', null);
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = await openEvents(site);
    expect((await events.next())?.event).toBe('ready');
    await events.close();
  });

  test('is refused for a resource that is not there, and for a kind that is none', async () => {
    const site = await aSite([aRun()]);
    expect(problemOf(await site.get('/events?resourceId=run-99'))).toBe('not-found');
    expect(problemOf(await site.get('/events?kind=sauna'))).toBe('validation');
  });
});
