import { describe, expect, test } from 'vitest';
import { BadConfiguration, readConfig } from './config.ts';

const secret = 's'.repeat(32);
const postgres = { DATABASE_URL: 'postgres://localhost/chaoxi', SESSION_SECRET: secret };

describe('without any variable', () => {
  test('it is the demo on the embedded database, for this machine only', () => {
    expect(readConfig({})).toEqual({
      port: 8787,
      gate: { secret: null, pushUrl: null, pushFolder: null },
      host: '127.0.0.1',
      database: { folder: './data' },
      requestDeadlineMilliseconds: 10_000,
      isDemo: true,
      demoNow: null,
      sessionSecret: null,
      sms: null,
      vehiclesPerPerson: 5,
      gtfs: { feedSeconds: 3600, realtimeSeconds: 15, positionSeconds: 5, positionStaleSeconds: 90 },
      logLevel: 'info',
      requestsPerMinute: 600,
      addressRequestsPerMinute: 6000,
      listeners: { listeners: 10_000, listenersPerAddress: 1_000 },
      siteCode: 'caohejing',
      origin: null,
    });
  });

  test('empty values count as none', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', DEMO_NOW: '', SESSION_SECRET: '', ORIGIN: '' })).toEqual(
      readConfig({}),
    );
  });
});

describe('what is set', () => {
  test('is read', () => {
    const config = readConfig({
      ...postgres,
      PORT: '80',
      HOST: '0.0.0.0',
      DATABASE_CONNECTIONS: '20',
      REQUEST_DEADLINE_SECONDS: '2.5',
      SMS_WEBHOOK_URL: 'https://sms.example/send',
      SMS_WEBHOOK_TOKEN: 't',
      ORIGIN: 'https://book.example.org/path',
      GATE_SECRET: 's'.repeat(32),
      GATE_PUSH_URL: 'https://gate.example/list',
      GATE_PUSH_FOLDER: '/var/lists',
      LOG_LEVEL: 'warn',
      REQUESTS_PER_MINUTE: '60',
      ADDRESS_REQUESTS_PER_MINUTE: '90',
    });
    expect(config).toMatchObject({
      port: 80,
      host: '0.0.0.0',
      database: { url: postgres.DATABASE_URL, connections: 20 },
      requestDeadlineMilliseconds: 2500,
      isDemo: false,
      sms: { url: 'https://sms.example/send', token: 't' },
      origin: 'https://book.example.org',
      gate: { secret: 's'.repeat(32), pushUrl: 'https://gate.example/list', pushFolder: '/var/lists' },
      logLevel: 'warn',
      requestsPerMinute: 60,
      addressRequestsPerMinute: 90,
    });
  });

  test.each(['1', 'true', 'on'])('DEMO=%s is on', (DEMO) =>
    expect(readConfig({ ...postgres, DEMO }).isDemo).toBe(true),
  );
  test.each(['0', 'false', 'off'])('DEMO=%s is off', (DEMO) => expect(readConfig({ DEMO }).isDemo).toBe(false));
});

describe('a bad value stops the start with one line that names it', () => {
  test.each<[Record<string, string>, string]>([
    [{ PORT: 'http' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '80.5' }, 'PORT'],
    [{ DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL'],
    [{ ...postgres, DATABASE_CONNECTIONS: '0' }, 'DATABASE_CONNECTIONS'],
    [{ DEMO: 'yes' }, 'DEMO'],
    [{ DEMO_NOW: 'tomorrow' }, 'DEMO_NOW'],
    [{ DEMO_NOW: '2026-09-30 17:00' }, 'DEMO_NOW'],
    [{ DEMO: 'off', DEMO_NOW: '2026-09-30' }, 'DEMO_NOW'],
    [{ ...postgres, DEMO_NOW: '2026-09-30' }, 'DEMO_NOW'],
    [{ SESSION_SECRET: 'short' }, 'SESSION_SECRET'],
    [{ DATABASE_URL: 'postgres://localhost/chaoxi' }, 'SESSION_SECRET'],
    [{ SMS_WEBHOOK_URL: 'sms' }, 'SMS_WEBHOOK_URL'],
    [{ GATE_SECRET: 'short' }, 'GATE_SECRET'],
    [{ GATE_SECRET: 's'.repeat(32), GATE_PUSH_URL: 'ftp://gate.example' }, 'GATE_PUSH_URL'],
    [{ GATE_PUSH_URL: 'https://gate.example' }, 'GATE_SECRET'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ ORIGIN: 'book.example.org' }, 'ORIGIN'],
    [{ ORIGIN: 'ftp://book.example.org' }, 'ORIGIN'],
    [{ REQUEST_DEADLINE_SECONDS: '0' }, 'REQUEST_DEADLINE_SECONDS'],
    [{ REQUESTS_PER_MINUTE: '0' }, 'REQUESTS_PER_MINUTE'],
    [{ HOST: '0.0.0.0' }, 'HOST'],
    [{ HOST: '::' }, 'HOST'],
    [{ HOST: '127.example.org' }, 'HOST'],
  ])('%j', (env, variable) => {
    const start = () => readConfig(env);
    expect(start).toThrow(BadConfiguration);
    expect(start).toThrow(new RegExp(`^${variable} [^\\n]+$`));
  });
});

describe('the demo lets anybody sign in', () => {
  test.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('so it starts on %s by itself', (HOST) => {
    expect(readConfig({ HOST }).isDemo).toBe(true);
  });

  test('and on a public host only when that is said', () => {
    expect(readConfig({ HOST: '0.0.0.0', DEMO: 'on' }).isDemo).toBe(true);
    expect(readConfig({ HOST: '0.0.0.0', DEMO: 'off' }).isDemo).toBe(false);
  });
});
