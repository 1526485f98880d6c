import { expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { aSite } from '../support/site.ts';

const address = '198.51.100.7';

test('a person has so many requests a minute, is told how many are left, and then to wait', async () => {
  const site = await aSite([], { requestsPerMinute: 3, address });
  const person = await site.person();
  const left = [];
  for (let count = 1; count <= 3; count++) left.push((await person.get('/me')).headers.get('ratelimit'));
  expect(left).toEqual(['"default";r=2;t=60', '"default";r=1;t=60', '"default";r=0;t=60']);
  site.clock.advance(20);
  const refused = await person.get('/me');
  expect([refused.status, problemOf(refused)]).toEqual([429, 'too-many-requests']);
  expect(refused.headers.get('retry-after')).toBe('40');
  expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=3;w=60');
  site.clock.advance(40);
  expect((await person.get('/me')).status).toBe(200);
});

test('each person has their own, whatever the address; who is not signed in shares the one of the address', async () => {
  const site = await aSite([], { requestsPerMinute: 2, addressRequestsPerMinute: 3, address });
  const [one, other] = [await site.person(), await site.person()];
  for (const person of [one, other]) {
    expect((await person.get('/me')).status).toBe(200);
    expect((await person.get('/me')).status).toBe(200);
    expect((await person.get('/me')).status).toBe(429);
  }
  expect((await site.get('/site')).status).toBe(200);
  expect((await site.get('/me', { authorization: 'Bearer forged' })).status).toBe(401);
  expect((await site.get('/site')).status).toBe(200);
  expect((await site.get('/site')).status).toBe(429);
});

test('calls of our own pages, which have no address, are not limited as a stranger', async () => {
  const site = await aSite([], { addressRequestsPerMinute: 1, address: null });
  for (let count = 1; count <= 3; count++) expect((await site.get('/site')).status).toBe(200);
});

test('health is never limited', async () => {
  const site = await aSite([], { addressRequestsPerMinute: 1, address });
  for (let count = 1; count <= 3; count++) {
    for (const path of ['/health/live', '/health/ready']) expect((await site.app.request(path)).status).toBe(200);
  }
});
