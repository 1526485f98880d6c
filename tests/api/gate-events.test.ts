import { beforeEach, describe, expect, test } from 'vitest';
import { signatureHeader, timestampHeader } from '../../api/gates/signature.ts';
import { problemOf } from '../support/call.ts';
import { gateMessage } from '../support/gate-messages.ts';
import { aGateSite, lotId } from '../support/gate-scene.ts';
import { anEmployee, staff } from '../support/person.ts';

const evening = '2026-11-23T19:00:00+08:00';
const night = '2026-11-23T23:00:00+08:00';

let scene: Awaited<ReturnType<typeof aGateSite>>;
beforeEach(async () => {
  scene = await aGateSite();
});

async function storedRows(): Promise<number> {
  const [row] = await scene.site.db.query<{ count: number }>(
    `SELECT ((SELECT count(*) FROM gate_event WHERE site_id = $1) + (SELECT count(*) FROM stay_presence WHERE site_id = $1))::int AS count`,
    [scene.site.id],
  );
  return row?.count ?? 0;
}

describe('a message', () => {
  const send = (body: string, headers: Record<string, string>) =>
    scene.site.raw('POST', '/gates/events', body, headers);
  const message = (at = scene.site.clock.now(), secret?: string) =>
    gateMessage(lotId, [scene.sight('entry', evening)], at, secret);

  beforeEach(async () => {
    await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
  });

  test('that is signed is kept', async () => {
    const { body, headers } = message();
    expect(await send(body, headers)).toMatchObject({ status: 200, body: { accepted: 1, duplicates: 0, refused: [] } });
    expect(await storedRows()).toBe(2);
  });

  test('that is forged, changed, stale, from the future or unsigned is refused, and nothing is kept', async () => {
    const { body, headers } = message();
    const sixMinutes = 6 * 60_000;
    const wrong: [string, Record<string, string>][] = [
      [body, message(scene.site.clock.now(), 'another-secret-of-the-gates-0123456789').headers],
      [body.replace('entry', 'exit '), headers],
      [body, { ...headers, [timestampHeader]: String(Number(headers[timestampHeader]) + 1) }],
      [body, { ...headers, [signatureHeader]: '' }],
      [body, { ...headers, [signatureHeader]: 'f'.repeat(64) }],
      [body, { ...headers, [timestampHeader]: '' }],
      [body, { 'content-type': 'application/json' }],
      [message(scene.site.clock.now() - sixMinutes).body, message(scene.site.clock.now() - sixMinutes).headers],
    ];
    const stale = message(scene.site.clock.now() - sixMinutes);
    const ahead = message(scene.site.clock.now() + sixMinutes);
    wrong.push([stale.body, stale.headers], [ahead.body, ahead.headers], ['not json', headers]);
    for (const [text, with_] of wrong) {
      const refused = await send(text, with_);
      expect([refused.status, problemOf(refused)]).toEqual([401, 'bad-signature']);
    }
    expect(await storedRows()).toBe(0);
  });

  test('may be some minutes old', async () => {
    const { body, headers } = message(scene.site.clock.now() - 4 * 60_000);
    expect((await send(body, headers)).status).toBe(200);
  });

  test('of a lot that is not there, or has no gate, is not found', async () => {
    const unknown = gateMessage('nowhere', [scene.sight('entry', evening)], scene.site.clock.now());
    expect(problemOf(await send(unknown.body, unknown.headers))).toBe('not-found');
    const street = await aGateSite({}, { kind: 'onstreet-permit' });
    expect(problemOf(await street.tell(street.sight('entry', '2026-11-23T08:59:00+08:00')))).toBe('not-found');
  });

  test('that says something else than events is refused by the pointer', async () => {
    const { body, headers } = gateMessage(lotId, [], scene.site.clock.now());
    const refused = await send(body, headers);
    expect([problemOf(refused), refused.body.errors[0].pointer]).toEqual(['validation', '/events']);
  });

  test('asks for no session, and is the same with one', async () => {
    const { body, headers } = message();
    const asked = await send(body, { ...headers, authorization: `Bearer ${scene.driver.token}` });
    expect(asked.status).toBe(200);
  });
});

describe('a sight', () => {
  test('that is told again, alone or in one message, counts once', async () => {
    await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
    const sight = scene.sight('entry', evening);
    expect((await scene.tell(sight, sight)).body).toEqual({ accepted: 1, duplicates: 1, refused: [] });
    expect((await scene.tell(sight)).body).toEqual({ accepted: 0, duplicates: 1, refused: [] });
    expect(await storedRows()).toBe(2);
  });

  test('from the future, or of long ago, is refused by its rule; the others are kept', async () => {
    const early = scene.sight('entry', '2026-11-23T09:10:00+08:00');
    const old = scene.sight('entry', '2026-11-10T09:00:00+08:00');
    const good = scene.sight('entry', '2026-11-23T09:04:00+08:00');
    expect((await scene.tell(early, good, old)).body).toEqual({
      accepted: 1,
      duplicates: 0,
      refused: [
        { serial: 'CAM-1', event: early.event, rule: 'in-future' },
        { serial: 'CAM-1', event: old.event, rule: 'too-old' },
      ],
    });
  });

  test('is read as people write plates', async () => {
    await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
    const written = `${scene.plate.slice(0, 2)}·${scene.plate.slice(2)}`.toLowerCase();
    await scene.tell(scene.sight('entry', evening, { plate: written }));
    expect((await scene.presence()).counts).toMatchObject({ inside: 1, unmatched: 0 });
  });

  test('that comes before its booking is matched when that appears', async () => {
    scene.site.clock.set(night);
    await scene.tell(scene.sight('entry', night));
    expect(await scene.unmatched()).toHaveLength(1);
    const bookingId = await scene.book(['2026-11-23']);
    await scene.follow();
    expect(await scene.unmatched()).toEqual([]);
    expect((await scene.presence()).inside).toMatchObject([{ bookingId, since: night }]);
  });

  test('is forgotten after the days of its agreement, with who was in by it', async () => {
    scene = await aGateSite({ gate: { keepDays: 2 } });
    await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
    await scene.tell(scene.sight('entry', evening), scene.sight('entry', evening, { plate: '沪Z99999' }));
    scene.site.clock.advance(2 * 86_400 - 60);
    await scene.sweep();
    expect(await storedRows()).toBe(3);
    scene.site.clock.advance(120);
    await scene.sweep();
    expect(await storedRows()).toBe(0);
  });
});

describe('who is in', () => {
  test('is shown masked, who is late first, with when they leave by', async () => {
    const late = await scene.book(['2026-11-23']);
    const other = await scene.another();
    const staying = await scene.book(['2026-11-23', '2026-11-24'], other);
    scene.site.clock.set('2026-11-24T19:00:00+08:00');
    await scene.tell(
      scene.sight('entry', '2026-11-24T18:45:00+08:00', { plate: await scene.plateOf(other.vehicleIds[0]) }),
      scene.sight('entry', evening),
    );
    const presence = await scene.presence();
    expect(presence.counts).toEqual({ inside: 2, late: 1, expected: 0, spaces: 5, unmatched: 0 });
    expect(presence.inside).toMatchObject([
      { bookingId: late, since: evening, leaveBy: '2026-11-24T08:00:00+08:00', minutesLate: 660, inCurfew: false },
      { bookingId: staying, leaveBy: '2026-11-25T08:00:00+08:00', minutesLate: 0 },
    ]);
    for (const { plateMasked } of presence.inside) expect(plateMasked).toMatch(/^沪A·\*\*\*\d\d$/);
    expect(JSON.stringify(presence)).not.toContain(scene.plate);
  });

  test('and who is expected tonight, until they come', async () => {
    const bookingId = await scene.book(['2026-11-23']);
    expect((await scene.presence()).expected).toMatchObject([
      { bookingId, from: '2026-11-23T18:30:00+08:00', leaveBy: '2026-11-24T08:00:00+08:00' },
    ]);
    scene.site.clock.set(night);
    await scene.tell(scene.sight('entry', evening));
    expect(await scene.presence()).toMatchObject({ expected: [], inside: [{ bookingId }] });
    await scene.tell(scene.sight('exit', '2026-11-23T22:00:00+08:00'));
    expect(await scene.presence()).toMatchObject({ expected: [], inside: [] });
  });

  test('says when nothing may pass the gate', async () => {
    scene = await aGateSite({ curfew: { from: '22:00', to: '06:00' } });
    await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
    await scene.tell(scene.sight('entry', evening));
    expect((await scene.presence()).inside).toMatchObject([{ inCurfew: true }]);
  });

  test('who leaves late still leaves', async () => {
    await scene.book(['2026-11-23']);
    scene.site.clock.set('2026-11-24T11:00:00+08:00');
    await scene.tell(scene.sight('exit', '2026-11-24T10:00:00+08:00'), scene.sight('entry', evening));
    expect((await scene.presence()).counts).toMatchObject({ inside: 0, late: 0, unmatched: 0 });
  });

  test('whose booking is ended while they are in still leaves', async () => {
    const bookingId = await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
    await scene.tell(scene.sight('entry', evening));
    expect((await scene.provider.post(`/bookings/${bookingId}/cancel`, {})).status).toBe(200);
    expect((await scene.presence()).counts.inside).toBe(1);
    await scene.tell(scene.sight('exit', night));
    expect((await scene.presence()).counts).toMatchObject({ inside: 0, unmatched: 0 });
  });

  test('is told to those who run the lot only', async () => {
    const { site } = scene;
    const nobodies = [scene.driver, await site.person(anEmployee()), await site.person(staff('provider', 'street'))];
    for (const path of [`/parking/lots/${lotId}/presence`, `/parking/lots/${lotId}/unmatched`, '/parking/gates']) {
      for (const nobody of nobodies) expect(problemOf(await nobody.get(path))).toBe('not-found');
      expect((await scene.provider.get(path)).status).toBe(200);
      const administrator = await site.person(staff('site-administrator', null));
      expect((await administrator.get(path)).status).toBe(200);
    }
    expect(problemOf(await scene.provider.get('/parking/lots/elsewhere/presence'))).toBe('not-found');
  });
});

describe('what matches no booking', () => {
  let bookingId: string;
  beforeEach(async () => {
    bookingId = await scene.book(['2026-11-23']);
    scene.site.clock.set(night);
  });
  /** The driver's plate as a camera could misread it. */
  const misread = () => scene.plate.replace(/0/, 'D');

  async function unmatchedId(plate = misread()): Promise<string> {
    await scene.tell(scene.sight('entry', evening, { plate }));
    const [sight] = await scene.unmatched();
    return sight.id;
  }

  test('is never matched by itself when it is misread, but listed with the booking that it may be of', async () => {
    await unmatchedId();
    await scene.follow();
    expect((await scene.presence()).inside).toEqual([]);
    const [sight] = await scene.unmatched();
    expect(sight).toMatchObject({
      kind: 'entry',
      at: evening,
      candidates: [
        {
          bookingId,
          likeness: 'confusable',
          from: '2026-11-23T18:30:00+08:00',
          leaveBy: '2026-11-24T08:00:00+08:00',
        },
      ],
    });
    expect(JSON.stringify(sight)).not.toContain(misread());
    expect(JSON.stringify(sight)).not.toContain(scene.plate);
  });

  test('is assigned by hand, once, with a retry key or without; the log names who did it and no plate', async () => {
    const id = await unmatchedId();
    const assign = (body: object, headers = {}) => scene.provider.post(`/parking/sights/${id}/assign`, body, headers);
    const done = await assign({ bookingId }, { 'idempotency-key': 'one' });
    expect(done).toMatchObject({ status: 200, body: { id, state: 'matched', bookingId, reason: null } });
    expect((await assign({ bookingId }, { 'idempotency-key': 'one' })).headers.get('idempotent-replay')).toBe('true');
    expect((await assign({ bookingId })).status).toBe(200);
    expect(problemOf(await assign({ bookingId: crypto.randomUUID() }))).toBe('rule: sight-resolved');
    expect((await scene.presence()).inside).toMatchObject([{ bookingId, since: evening }]);
    const log = await scene.site.db.query<{ type: string; actor: string; facts: object }>(
      `SELECT type, actor_id AS actor, facts FROM event WHERE site_id = $1 AND type LIKE 'gate.%'`,
      [scene.site.id],
    );
    expect(log).toEqual([{ type: 'gate.sight-assigned', actor: scene.provider.id, facts: { gateEventId: id } }]);
  });

  test('is not assigned to a booking of another time', async () => {
    const id = await unmatchedId();
    const other = await scene.book(['2026-11-26'], await scene.another());
    const refused = await scene.provider.post(`/parking/sights/${id}/assign`, { bookingId: other });
    expect(problemOf(refused)).toBe('rule: not-at-that-time');
    expect(await scene.unmatched()).toHaveLength(1);
  });

  test('is dismissed with a reason', async () => {
    const id = await unmatchedId('沪Z99999');
    const dismiss = (reason: string) => scene.provider.post(`/parking/sights/${id}/dismiss`, { reason });
    expect(problemOf(await dismiss(' '))).toBe('validation');
    expect((await dismiss('访客')).body).toMatchObject({ state: 'dismissed', bookingId: null, reason: '访客' });
    expect((await dismiss('访客')).status).toBe(200);
    expect(await scene.unmatched()).toEqual([]);
    expect(problemOf(await scene.provider.post(`/parking/sights/${id}/assign`, { bookingId }))).toBe(
      'rule: sight-resolved',
    );
  });

  test('is shown in full to who asks for it, and that is logged', async () => {
    const id = await unmatchedId();
    expect((await scene.provider.post(`/parking/sights/${id}/reveal`, {})).body).toEqual({ plate: misread() });
    const log = await scene.site.db.query(
      `SELECT actor_id AS actor, facts FROM event WHERE site_id = $1 AND type = 'gate.plate-revealed'`,
      [scene.site.id],
    );
    expect(log).toEqual([{ actor: scene.provider.id, facts: { gateEventId: id } }]);
    const stranger = await scene.site.person(staff('provider', 'street'));
    for (const path of ['reveal', 'assign', 'dismiss']) {
      const body = path === 'assign' ? { bookingId } : path === 'dismiss' ? { reason: 'x' } : {};
      expect(problemOf(await stranger.post(`/parking/sights/${id}/${path}`, body))).toBe('not-found');
    }
  });

  test('is listed page by page, the newest first', async () => {
    for (const minute of [10, 20, 30])
      await scene.tell(scene.sight('entry', `2026-11-23T19:${minute}:00+08:00`, { plate: '沪Z99999' }));
    const page = (query: string) => scene.provider.get(`/parking/lots/${lotId}/unmatched?limit=2${query}`);
    const first = (await page('')).body;
    const second = (await page(`&cursor=${first.nextCursor}`)).body;
    const minutes = [...first.items, ...second.items].map(({ at }: { at: string }) => at.slice(14, 16));
    expect([minutes, second.nextCursor]).toEqual([['30', '20', '10'], null]);
    expect(problemOf(await page('&cursor=mine'))).toBe('validation');
  });
});
