import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Rule = { name: string };
type Cruise = { summary: { violations: { from: string; rule: Rule }[] } };

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const rules = (require('../.dependency-cruiser.cjs') as { forbidden: Rule[] }).forbidden.map((rule) => rule.name);

/** Planted violations of each rule: the files that break it. What they import stands in `neighbours`. */
const violations: Record<string, Record<string, string>> = {
  'core-knows-no-service': {
    'api/engine/admit.ts': `import '../services/parking/rules.ts';`,
    'api/calendar/time.ts': `import '../http/problem.ts';`,
    'api/ledger/transfer.ts': `import { Hono } from 'hono'; export const app = new Hono();`,
    'api/engine/sweep.ts': `import type { Problem } from '../http/problem.ts'; export type Answer = Problem;`,
  },
  'services-stand-alone': {
    'api/services/canteen/order-meal.ts': `import '../parking/rules.ts';`,
    'api/services/shuttle/book-seats.ts': `import '../registry.ts';`,
  },
  'only-the-registry-names-services': {
    'api/app.ts': `import './services/parking/rules.ts';`,
    'api/services/schemas.ts': `import './parking/rules.ts';`,
    'db/migrate.ts': `import '../api/services/parking/rules.ts';`,
  },
  'rules-are-pure': {
    'api/services/canteen/rules.ts': `import '../../../db/schema/slot.ts';`,
    'api/services/canteen/menus/menu-rules.ts': `import '../../../../db/schema/slot.ts';`,
    'api/services/laundry/rules.ts': `import '../../http/problem.ts';`,
    'api/services/shuttle/rules.ts': `import { sql } from 'drizzle-orm'; export const one = sql\`1\`;`,
    'api/services/childcare/rules.ts': `import type { Context } from 'hono'; export type C = Context;`,
  },
  'verbs-know-no-http': {
    'api/services/parking/book-stay.ts': `import '../../http/problem.ts';`,
    'api/services/parking/release-night.ts': `import type { Context } from 'hono'; export type C = Context;`,
  },
  'routes-hold-no-sql': {
    'api/services/parking/routes.ts': `import '../../../db/schema/slot.ts';`,
    'api/services/parking/gates/gate-routes.ts': `import '../../../../db/schema/slot.ts';`,
    'api/people/routes.ts': `import { sql } from 'drizzle-orm'; export const one = sql\`1\`;`,
  },
  'pages-use-the-client': {
    'web/src/routes/+page.server.ts': `import { problem } from '../../../api/http/problem.ts'; export const p = problem;`,
    'web/src/lib/app.ts': `import { Hono } from 'hono'; export const app = new Hono();`,
    'web/src/lib/Tile.svelte': `<script lang="ts">import { problem } from '../../../api/http/problem.ts';</script><p>{problem}</p>`,
  },
  'pages-know-no-tables': {
    'web/src/lib/rows.ts': `import type { Slot } from '../../../db/schema/slot.ts'; export type S = Slot;`,
  },
  'client-carries-no-server': {
    'api/client.ts': `import { problem } from './http/problem.ts'; export const p = problem;`,
  },
  'time-lives-in-the-calendar': {
    'api/engine/decide.ts': `import { DateTime } from 'luxon'; export const now = DateTime;`,
    'web/src/lib/dates.ts': `import { DateTime } from 'luxon'; export const now = DateTime;`,
  },
  'runtimes-stay-at-the-edge': {
    'api/engine/commit.ts': `import postgres from 'postgres'; export const sql = postgres;`,
    'api/http/serve.ts': `import { serve } from '@hono/node-server'; export const s = serve;`,
    'db/seed/fill.ts': `import { PGlite } from '@electric-sql/pglite'; export const p = PGlite;`,
    'api/engine/lane.ts': `import { drizzle } from 'drizzle-orm/postgres-js'; export const d = drizzle;`,
  },
  'shared-code-needs-no-node': {
    'api/config.ts': `import { readFileSync } from 'node:fs'; export const read = readFileSync;`,
  },
  'worker-stays-small': { 'api/worker.ts': `import '../db/read-files.ts';` },
  'product-needs-no-tests': { 'api/people/session.ts': `import '../../tests/support/builders.ts';` },
  'no-cycles': { 'api/messages/inbox.ts': `import './outbox.ts';` },
};

/** What the violations import, and imports that the walls let through. */
const neighbours: Record<string, string> = {
  'api/services/parking/rules.ts': `import '../../http/schemas.ts'; import '../service.ts'; export const nights = 1;`,
  'api/http/schemas.ts': `export const serviceKinds = ['parking'];`,
  'api/services/service.ts': `export type Service = { kind: string };`,
  'api/services/canteen/service.ts': `import '../service.ts'; import './rules.ts';`,
  'api/services/registry.ts': `import './parking/rules.ts';`,
  'api/http/problem.ts': `export const problem = 'slot-full'; export type Problem = typeof problem;`,
  'db/schema/slot.ts': 'export const slot = 1; export type Slot = typeof slot;',
  'db/read-files.ts': `import { readFileSync } from 'node:fs'; export const read = readFileSync;`,
  'db/open-worker.ts': `import postgres from 'postgres'; export const sql = postgres;`,
  'db/seed/caohejing.ts': `import '../../api/services/parking/rules.ts';`,
  'db/embedded.ts': `import { PGlite } from '@electric-sql/pglite'; export const p = PGlite;`,
  'api/calendar/windows.ts': `import { DateTime } from 'luxon'; export const now = DateTime;`,
  'api/services/childcare/routes.ts': `import '../../http/problem.ts'; import type { Slot } from '../../../db/schema/slot.ts'; export type S = Slot;`,
  'web/src/lib/api.ts': `import type { Problem } from '../../../api/http/problem.ts'; import type { ClientResponse } from 'hono/client'; export type P = [Problem, ClientResponse<unknown>];`,
  'api/engine/engine.test.ts': `import '../../tests/support/builders.ts';`,
  'tests/support/builders.ts': 'export const aRun = 1;',
  'api/messages/outbox.ts': `import './inbox.ts';`,
  'tsconfig.json':
    '{"compilerOptions":{"module":"esnext","moduleResolution":"bundler","allowImportingTsExtensions":true}}',
};

const planted: Record<string, string> = Object.assign({}, ...Object.values(violations));
let folder = '';
let refused: Set<string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaoxi-walls-'));
  for (const [path, text] of Object.entries({ ...neighbours, ...planted })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const cruise = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      join(root, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      'api',
      'db',
      'web',
      'tests',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const { violations: found } = (JSON.parse(cruise.stdout) as Cruise).summary;
  refused = new Set(found.map(({ from, rule }) => `${rule.name}: ${from}`));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every wall has a planted violation', () => {
  expect(Object.keys(violations).toSorted()).toEqual(rules.toSorted());
});

describe.each(Object.entries(violations))('%s', (rule, files) => {
  test.each(Object.keys(files))('%s is refused', (file) => {
    expect(refused).toContain(`${rule}: ${file}`);
  });
});

test('imports that the walls allow are let through', () => {
  const blamed = [...refused].map((line) => line.split(': ')[1]!);
  expect(blamed.filter((file) => !(file in planted))).toEqual([]);
});
