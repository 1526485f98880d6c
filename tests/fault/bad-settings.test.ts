import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { freshDatabase } from '../support/fresh-database.ts';
import { freePort } from '../support/postgres.ts';
import { launchServer } from '../support/server-process.ts';

/** It must not come to be: a bad setting stops the start before anything is written. */
const folder = join(tmpdir(), `chaoxi-never-made-${process.pid}`);
const sessionSecret = 'a-secret-of-the-fault-tests-0123456789abcdef';
const nowhere = async () => ({
  DATABASE_URL: `postgres://chaoxi@127.0.0.1:${await freePort()}/chaoxi`,
  SESSION_SECRET: sessionSecret,
});
const noSuchDatabase = async () => ({
  DATABASE_URL: inject('postgresUrl').replace(/\/postgres$/, '/no-such-database'),
  SESSION_SECRET: sessionSecret,
});

const emptyDatabase = async () => ({ DATABASE_URL: await freshDatabase(), SESSION_SECRET: sessionSecret });

const settings: [string, Record<string, string> | (() => Promise<Record<string, string>>), RegExp][] = [
  ['a port that is no number', { PORT: 'abc' }, /PORT must be a port number/],
  ['a time that is no time', { DEMO_NOW: 'nonsense' }, /DEMO_NOW must be a date or an instant/],
  ['a day that does not exist', { DEMO_NOW: '2026-02-30' }, /DEMO_NOW is not a time that exists/],
  ['a database address of another kind', { DATABASE_URL: 'http://x' }, /DATABASE_URL must begin with postgres:/],
  ['a public host while demo mode was not said', { HOST: '0.0.0.0' }, /HOST 0\.0\.0\.0 is public/],
  [
    'a database of one’s own without a secret',
    { DATABASE_URL: 'postgres://a@127.0.0.1/b' },
    /SESSION_SECRET is needed/,
  ],
  ['a moved clock without demo mode', { DEMO: 'off', DEMO_NOW: '2026-11-23' }, /DEMO_NOW works in demo mode only/],
  ['a database that does not answer', nowhere, /DATABASE_URL does not lead to .*ECONNREFUSED/],
  ['a database that does not exist', noSuchDatabase, /DATABASE_URL does not lead to .*no-such-database/],
  ['a site that the database does not have', emptyDatabase, /the database has no site "caohejing"/],
];

test.concurrent.each(settings)('%s stops the start with one clear line', async (_name, env, line) => {
  const server = await launchServer({ DATA_DIR: folder, ...(typeof env === 'function' ? await env() : env) });
  expect(await server.ended).toBe(1);
  expect(server.errors().trimEnd().split('\n')).toHaveLength(1);
  expect(server.errors()).toMatch(line);
  expect(server.errors()).toMatch(/^Chaoxi cannot start: /);
  expect(server.output()).not.toContain('ready');
  expect(existsSync(folder)).toBe(false);
});
