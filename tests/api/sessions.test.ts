import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { aParent, aResident, anEmployee } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const phone = '13900000777';
const demoPhone = '13800000002';

/** Numbers of the shared vectors, one per line: input, what it is stored as, whether it is one. */
const phones = readFileSync(new URL('../vectors/ids.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => line.startsWith('phone,'))
  .map((line) => line.split(','));

async function codeFor(site: Call, number: string): Promise<string> {
  const sent = await site.post('/auth/otp', { phone: number });
  expect(sent.status, JSON.stringify(sent.body)).toBe(202);
  return sent.body.demoCode;
}

const wrongFor = (code: string) => (code === '000000' ? '000001' : '000000');

describe('a one-time code', () => {
  let site: TestSite;
  beforeEach(async () => {
    site = await aSite();
  });
  const signIn = (code: string, number = phone) => site.post('/auth/session', { phone: number, code });

  test('has six digits, is told in demo mode, and signs in once', async () => {
    const sent = await site.post('/auth/otp', { phone });
    expect(sent.body).toEqual({
      expiresInSeconds: 300,
      resendAfterSeconds: 60,
      demoCode: expect.stringMatching(/^\d{6}$/),
    });
    const session = await signIn(sent.body.demoCode);
    expect(session.status).toBe(201);
    expect(session.body.user).toMatchObject({
      phoneMasked: '139****0777',
      roles: [],
      vehicles: [],
      children: [],
      mealCard: null,
    });
    expect(session.body.expiresAt).toBe('2026-12-23T09:00:00+08:00');
    const again = await signIn(sent.body.demoCode);
    expect([again.status, problemOf(again)]).toEqual([401, 'wrong-code']);
  });

  test('of five wrong tries is dead, even for the right one', async () => {
    const code = await codeFor(site, phone);
    for (let count = 1; count <= 5; count++) expect((await signIn(wrongFor(code))).status).toBe(401);
    expect((await signIn(code)).status).toBe(401);
    expect((await site.rows())['session']).toBe(0);
  });

  test('after four wrong tries still signs in', async () => {
    const code = await codeFor(site, phone);
    for (let count = 1; count <= 4; count++) await signIn(wrongFor(code));
    expect((await signIn(code)).status).toBe(201);
  });

  test('is good for five minutes, for its phone only, and not once a newer one was sent', async () => {
    const code = await codeFor(site, phone);
    expect((await signIn(code, '13900000778')).status).toBe(401);
    site.clock.advance(60);
    const newer = await codeFor(site, phone);
    expect((await signIn(newer === code ? wrongFor(code) : code)).status).toBe(401);
    site.clock.advance(300);
    expect((await signIn(newer)).status).toBe(401);
  });

  test.each(['12345', '1234567', 'abcdef', '１２３４５６', '12 456', 123456, null])(
    'is never of the form %j',
    async (code) => {
      await codeFor(site, phone);
      const refused = await site.post('/auth/session', { phone, code });
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/code']);
    },
  );

  test('is not sent again within a minute', async () => {
    await codeFor(site, phone);
    site.clock.advance(59);
    const soon = await site.post('/auth/otp', { phone });
    expect([soon.status, problemOf(soon)]).toEqual([429, 'code-sent-already']);
    expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(0);
    expect('demoCode' in soon.body).toBe(false);
    site.clock.advance(1);
    expect((await site.post('/auth/otp', { phone })).status).toBe(202);
  });

  test('is sent ten times a day to one phone, not eleven times, however the phone is written', async () => {
    for (let count = 1; count <= 10; count++) {
      await codeFor(site, count % 2 ? phone : '+86 139 0000 0777');
      site.clock.advance(60);
    }
    expect((await site.post('/auth/otp', { phone })).status).toBe(429);
    site.clock.advance(24 * 3600);
    expect((await site.post('/auth/otp', { phone })).status).toBe(202);
  });

  test('is sent to demo people as often as they like, even a whole test of load long', async () => {
    const codes = [await codeFor(site, demoPhone), await codeFor(site, demoPhone)];
    await site.db.query('UPDATE one_time_code SET sent_in_window = 32767 WHERE site_id = $1', [site.id]);
    codes.push(await codeFor(site, demoPhone));
    expect((await signIn(codes[2] ?? '', demoPhone)).status).toBe(201);
  });

  test('of a clock that was moved back keeps nobody out', async () => {
    await codeFor(site, phone);
    site.clock.set('2026-05-01T09:00:00+08:00');
    expect((await signIn(await codeFor(site, phone))).status).toBe(201);
  });

  const valid = phones.filter(([, , , isValid]) => isValid === 'true');
  test.each(valid)('%s %s is stored as %s', async (_kind, input, stored) => {
    const session = await signIn(await codeFor(site, input ?? ''), input);
    expect(session.status).toBe(201);
    expect(await site.db.query('SELECT phone FROM person WHERE site_id = $1', [site.id])).toEqual([{ phone: stored }]);
  });

  test.each(phones.filter((line) => !valid.includes(line)))('%s %s is none', async (_kind, input) => {
    const refused = await site.post('/auth/otp', { phone: input });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/phone']);
  });

  test('goes to one person, whatever the digits: full width, spaces, country code', async () => {
    const users = [];
    for (const form of ['１３９００００１２３４', '139-0000-1234', '+86 13900001234', '0086 139 0000 1234']) {
      const session = await signIn(await codeFor(site, form), form);
      users.push(session.body.user.id);
      site.clock.advance(60);
    }
    expect(new Set(users).size).toBe(1);
  });

  test.each([
    '021-64850000',
    '+1 415 555 2671',
    '1390000077',
    '139000007777',
    "13900000777' OR 1=1",
    '<b>13900000777</b>',
    '🚌🚌🚌',
  ])('is not sent to %j', async (number) => {
    const refused = await site.post('/auth/otp', { phone: number }, { 'accept-language': 'en' });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/phone']);
  });
});

describe('outside demo mode', () => {
  test('no code is told and no demo people are shown; the code goes by SMS in the language asked for', async () => {
    const sent: { phone: string; text: string }[] = [];
    const sms = { send: async (number: string, text: string) => void sent.push({ phone: number, text }) };
    const site = await aSite([], { isDemo: false, sms });
    expect((await site.get('/site')).body).toMatchObject({ demo: false, demoPeople: [] });
    const otp = await site.post('/auth/otp', { phone }, { 'accept-language': 'en' });
    expect(otp.body).toEqual({ expiresInSeconds: 300, resendAfterSeconds: 60 });
    expect(sent).toEqual([{ phone: `+86${phone}`, text: expect.stringMatching(/Your code is \d{6}/) }]);
    const code = /\d{6}/.exec(sent[0]?.text ?? '')?.[0];
    expect((await site.post('/auth/session', { phone, code })).status).toBe(201);
  });

  test('demo people are capped like everybody', async () => {
    const site = await aSite([], { isDemo: false, sms: { send: async () => {} } });
    await site.post('/auth/otp', { phone: demoPhone });
    expect((await site.post('/auth/otp', { phone: demoPhone })).status).toBe(429);
  });

  test('a message that the SMS service did not take is said so, and can be tried again at once', async () => {
    const texts: string[] = [];
    let isDown = true;
    const site = await aSite([], {
      isDemo: false,
      sms: {
        send: async (_phone, text) => {
          texts.push(text);
          if (isDown) throw new Error('the gateway answered 500');
        },
      },
    });
    const failed = await site.post('/auth/otp', { phone });
    expect([failed.status, problemOf(failed)]).toEqual([503, 'sms-failed']);
    const lost = /\d{6}/.exec(texts[0] ?? '')?.[0];
    expect((await site.post('/auth/session', { phone, code: lost })).status).toBe(401);
    isDown = false;
    expect((await site.post('/auth/otp', { phone })).status).toBe(202);
  });

  test('without an SMS service there is no sign-in: 503', async () => {
    const site = await aSite([], { isDemo: false });
    const refused = await site.post('/auth/otp', { phone });
    expect([refused.status, problemOf(refused)]).toEqual([503, 'no-sms']);
  });
});

describe('a session', () => {
  let site: TestSite;
  let token: string;
  let cookie: string;
  beforeEach(async () => {
    site = await aSite([aRun()]);
    const session = await site.post('/auth/session', { phone: demoPhone, code: await codeFor(site, demoPhone) });
    token = session.body.token;
    cookie = session.headers.get('set-cookie') ?? '';
  });
  const me = (headers: Record<string, string>) => site.get('/me', headers);
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  test("works by its cookie and by its token; the cookie is no script's and no other site's", async () => {
    expect(cookie).toMatch(/^chaoxi_session=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await me(bearer(token))).status).toBe(200);
    expect((await me({ cookie: cookie.split(';')[0]! })).status).toBe(200);
    expect((await me({ authorization: `bearer ${token}` })).status).toBe(200);
  });

  test('has a Secure cookie where the public address has TLS', async () => {
    const secure = await aSite([], { origin: 'https://book.example.org' });
    const session = await secure.post('/auth/session', { phone, code: await codeFor(secure, phone) });
    expect(session.headers.get('set-cookie')).toContain('; Secure');
  });

  test('is nobody without a token, with a broken, a forged or a foreign one', async () => {
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(atob(payload)) as { jti: string; site: number };
    const sign = (secret: string, change: object) =>
      new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
    const none = btoa('{"alg":"none"}').replaceAll('=', '');
    const forged = [
      '',
      'x',
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, -2)}AA`,
      `${none}.${payload}.`,
      await sign('another-secret-another-secret-another', {}),
      await sign('the-secret-of-the-api-tests-0123456789', { jti: crypto.randomUUID() }),
      await sign('the-secret-of-the-api-tests-0123456789', { exp: Math.floor(site.clock.now() / 1000) - 1 }),
    ];
    for (const wrong of forged) {
      expect([wrong, (await me(bearer(wrong))).status]).toEqual([wrong, 401]);
      expect([wrong, (await me({ cookie: `chaoxi_session=${wrong}` })).status]).toEqual([wrong, 401]);
    }
    expect((await me({})).status).toBe(401);
  });

  test('of another site is nobody here, even under the same secret', async () => {
    const elsewhere = await aSite([aRun()]);
    expect((await elsewhere.get('/me', bearer(token))).status).toBe(401);
    expect((await elsewhere.get('/me', { cookie: cookie.split(';')[0]! })).status).toBe(401);
  });

  test('ends by itself after thirty days', async () => {
    site.clock.advance(30 * 86_400 - 1);
    expect((await me(bearer(token))).status).toBe(200);
    site.clock.advance(1);
    expect((await me(bearer(token))).status).toBe(401);
  });

  test('ends with sign-out, at once, and takes its cookie along', async () => {
    expect((await me(bearer(token))).status).toBe(200);
    const out = await site.delete('/auth/session', bearer(token));
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^chaoxi_session=; Max-Age=0/);
    expect((await me(bearer(token))).status).toBe(401);
    expect((await site.delete('/auth/session', bearer(token))).status).toBe(401);
  });

  test('ended elsewhere ends here within seconds', async () => {
    expect((await me(bearer(token))).status).toBe(200);
    await site.db.query('UPDATE session SET revoked_at = now() WHERE site_id = $1', [site.id]);
    site.clock.advance(10);
    expect((await me(bearer(token))).status).toBe(401);
  });

  test("by cookie takes no change from another site's page; by token, or from the own pages, it does", async () => {
    const own = { cookie: cookie.split(';')[0]! };
    const asked = async (headers: Record<string, string>) => {
      const answer = await site.post('/bookings', aRide({ seats: 0 }), headers);
      return answer.status === 422 ? 'taken' : problemOf(answer);
    };
    const before = await site.rows();
    for (const foreign of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'nonsense' },
      { origin: 'http://chaoxi.test.evil.example' },
    ]) {
      expect([foreign, await asked({ ...own, ...foreign })]).toEqual([foreign, 'cross-site']);
    }
    expect(await site.rows()).toEqual(before);
    expect(await asked({ ...own, origin: 'http://chaoxi.test', 'sec-fetch-site': 'same-origin' })).toBe('taken');
    expect(await asked({ ...own, origin: 'https://chaoxi.test', host: 'chaoxi.test' })).toBe('taken');
    expect(await asked(own)).toBe('taken');
    expect(await asked({ ...bearer(token), origin: 'https://evil.example' })).toBe('taken');
    expect((await site.get('/me', { ...own, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });
});

test('behind a proxy a change comes from the public address', async () => {
  const site = await aSite([aRun()], { origin: 'https://book.example.org' });
  const { token } = await site.person(anEmployee());
  const statusFrom = async (origin: string) =>
    (await site.post('/bookings', aRide({ seats: 0 }), { cookie: `chaoxi_session=${token}`, origin })).status;
  expect(await statusFrom('https://book.example.org')).toBe(422);
  expect(await statusFrom('https://evil.example.org')).toBe(403);
});

describe('/me', () => {
  test('shows what somebody has, and nobody else what it is', async () => {
    const site = await aSite();
    const person = await site.person({ ...aParent(2, null), vehicles: [{ verified: true }, { verified: false }] });
    const { body } = await person.get('/me');
    expect(body.vehicles.map(({ id, verified }: { id: string; verified: boolean }) => [id, verified])).toEqual([
      [person.vehicleIds[0], true],
      [person.vehicleIds[1], false],
    ]);
    expect(body.children.map(({ grade }: { grade: number | null }) => grade)).toEqual([2, null]);
    expect(body.roles).toEqual([{ role: 'parent', organisationId: null, organisationName: null }]);
    expect(JSON.stringify(body)).not.toContain(person.phone);
    const resident = await (await site.person(aResident())).get('/me');
    expect(resident.body.roles[0].organisationName).toEqual({ zh: '虹星居委', en: "Hongxing Residents' Committee" });
  });

  test('changes name and language, one or both, and keeps what people write', async () => {
    const site = await aSite();
    const person = await site.person(anEmployee());
    const names = ["  O'Brien; DROP TABLE person; --  ", '<script>alert(1)</script>', '王小明🚌', '１２３'];
    for (const name of names) {
      expect((await person.patch('/me', { name })).body.name).toBe(name.trim());
      expect((await person.get('/me')).body.name).toBe(name.trim());
    }
    expect((await person.patch('/me', { locale: 'en' })).body).toMatchObject({ locale: 'en', name: '１２３' });
    expect((await person.patch('/me', {})).status).toBe(200);
  });
});
