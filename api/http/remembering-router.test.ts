import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { RememberingRouter } from './remembering-router.ts';

function anApp() {
  const app = new Hono({ router: new RememberingRouter() });
  app.use('/things/*', async (c, next) => {
    await next();
    c.header('x-seen', 'yes');
  });
  app.get('/things/all', (c) => c.text('all'));
  app.post('/things/all', (c) => c.text('made'));
  app.get('/things/:id', (c) => c.text(`thing ${c.req.param('id')}`));
  app.post('/things/:id/end', (c) => c.text(`ended ${c.req.param('id')}`));
  return app;
}

test('a path leads to its own route each time, by method, with its own parameters', async () => {
  const app = anApp();
  const asked = async (path: string, method = 'GET') => {
    const response = await app.request(path, { method });
    return [response.status, response.status === 200 ? await response.text() : '', response.headers.get('x-seen')];
  };
  for (let time = 0; time < 3; time++) {
    expect(await asked('/things/all')).toEqual([200, 'all', 'yes']);
    expect(await asked('/things/all', 'POST')).toEqual([200, 'made', 'yes']);
    expect(await asked(`/things/${time}`)).toEqual([200, `thing ${time}`, 'yes']);
    expect(await asked(`/things/${time}/end`, 'POST')).toEqual([200, `ended ${time}`, 'yes']);
    expect((await asked('/elsewhere'))[0]).toBe(404);
  }
});

test('a route that is added later is found, though its path was asked for before', async () => {
  const router = new RememberingRouter<string>();
  router.add('GET', '/a', 'a');
  expect(router.match('GET', '/b')[0]).toEqual([]);
  router.add('GET', '/b', 'b');
  expect(router.match('GET', '/b')[0].map(([handler]) => handler)).toEqual(['b']);
});
