import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationChanges, migrationFiles } from '../scripts/freeze-migrations.ts';
import * as englishTexts from '../web/src/lib/i18n/en.ts';
import * as chineseTexts from '../web/src/lib/i18n/zh-CN.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Files of the project, also those that are about to be committed; sorted, and without what git ignores. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const topLevel = new Set(files.map((path) => path.split('/')[0]!));
const fileNames = new Set(files.map((path) => basename(path)));

describe('every path that the documents name exists', () => {
  const documents = files.filter((path) => /^(README|CONTRIBUTING)\.md$|^docs\/.*\.md$|^api\/.*README\.md$/.test(path));

  test('there are documents', () => expect(documents).toContain('README.md'));

  test.each(documents)('%s', (document) => {
    const missing = namedPaths(read(document)).filter((path) => !exists(path, dirname(document)));
    expect(missing).toEqual([]);
  });

  test.each([
    ['`api/engine/admit.ts`', ['api/engine/admit.ts']],
    ['`db/seed/` and [walls](docs/no-such.md#a)', ['db/seed/', 'docs/no-such.md']],
    ['`npm run dev`, `/api/v1/slots`, `application/json`, `@hono/node-server`, `./data`, https://example.org/a.md', []],
    ['`api/services/<name>/`, `api/services/*/rules.ts`', ['api/services/*/rules.ts']],
  ])('in %s it sees %j', (text, paths) => {
    expect(namedPaths(text)).toEqual(paths);
  });
});

/** Paths in backticks, and the targets of links, as far as they can be files of this repository. */
function namedPaths(markdown: string): string[] {
  const quoted = [...markdown.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!).filter(looksLikePath);
  const linked = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!.replace(/#.*$/, ''));
  return [...quoted, ...linked.filter((target) => target !== '' && !/^[a-z]+:/.test(target))];
}

function looksLikePath(text: string): boolean {
  if (!/^(\.\/)?[\w.][\w.*()[\]+-]*(\/[\w.*()[\]+-]*)*$/.test(text)) return false;
  const path = text.replace(/^\.\//, '');
  if (path.includes('/')) return topLevel.has(path.split('/')[0]!);
  return /\.(ts|svelte|md|jsonc?|sql|toml|csv|css|cjs|html|ics)$/.test(path) && path !== 'openapi.json';
}

function exists(path: string, folder: string): boolean {
  if (!path.includes('/') && fileNames.has(path)) return true;
  if (path.includes('*')) return globSync(path, { cwd: root }).length > 0;
  return existsSync(join(root, path)) || existsSync(join(root, folder, path));
}

describe('texts', () => {
  const chinese = dictionary(chineseTexts);
  const english = dictionary(englishTexts);

  test('every key exists in both languages', () => {
    expect([...english.keys()].toSorted()).toEqual([...chinese.keys()].toSorted());
    expect(chinese.size).toBeGreaterThan(0);
  });

  test('each says something in both languages, with the same parameters', () => {
    const differing = [...chinese.keys()].filter((key) => shape(english.get(key)) !== shape(chinese.get(key)));
    const empty = [...chinese.keys()].filter((key) => chinese.get(key) === '' || english.get(key) === '');
    expect({ differing, empty }).toEqual({ differing: [], empty: [] });
  });
});

/** The leaves of a language's dictionary by their dotted keys. */
function dictionary(module: object): Map<string, unknown> {
  const texts = Object.values(module).find((value) => typeof value === 'object');
  return new Map(leaves(texts));
}

function shape(text: unknown): string {
  return typeof text === 'function' ? `function of ${text.length}` : typeof text;
}

function leaves(value: unknown, path: string[] = []): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path.join('.'), value]];
  return Object.entries(value).flatMap(([key, below]) => leaves(below, [...path, key]));
}

describe('migrations', () => {
  const names = migrationFiles();
  const { entries } = JSON.parse(read('db/migrations/meta/_journal.json')) as { entries: { tag: string }[] };

  test('the journal and the folder hold the same ones', () => {
    expect(entries.map((entry) => `${entry.tag}.sql`)).toEqual(names);
  });

  test.each(names)('%s is named by hand', (name) => {
    expect(name).toMatch(/^\d{4}_[a-z0-9_]+\.sql$/);
    expect(heroes().filter((hero) => name.endsWith(`_${hero}.sql`))).toEqual([]);
  });

  test('a landed one is never edited; new ones are frozen by scripts/freeze-migrations.ts', () => {
    expect(migrationChanges()).toEqual({ added: [], edited: [], missing: [] });
  });
});

/** drizzle-kit's own list: a name that nobody chose ends in one of these. */
function heroes(): string[] {
  const list = /heroes = \[([^\]]+)\]/.exec(read('node_modules/drizzle-kit/bin.cjs'))![1]!;
  return [...list.matchAll(/"([a-z0-9_]+)"/g)].map((match) => match[1]!);
}

describe('nothing of the machine it was written on', () => {
  test('package-lock.json records no download addresses', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":/);
  });

  test('no file names a path of a machine, a private address or a registry', () => {
    const inside = [
      /(?<![\w.])\/(work|home|root|Users)\/[A-Za-z0-9_.-]+/,
      /\b(10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)\b/,
      /\b[a-z0-9-]+\.(internal|corp|lan|intranet)\b/,
      /^\s*registry\s*=/m,
      /(?<![\w/])(\.\.\/)+shared\//,
    ];
    const text = files.filter(
      (path) => !/\.(png|jpg|webp|ico|woff2?)$/.test(path) && path !== 'tests/repository.test.ts',
    );
    const found = text.flatMap((path) =>
      inside.flatMap((pattern) => pattern.exec(read(path))?.[0] ?? []).map((what) => `${path}: ${what}`),
    );
    expect(found).toEqual([]);
  });
});

describe('.env.example', () => {
  const documented = [...read('.env.example').matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]!);

  test('documents each variable that api/config.ts reads, and no other', () => {
    expect(documented.toSorted()).toEqual(variablesOf(read('api/config.ts')).toSorted());
  });

  test.each([
    [`env.PORT ?? env['HOST']`, ['PORT', 'HOST']],
    [`z.object({\n  DATABASE_URL: z.url().optional(),\n})`, ['DATABASE_URL']],
    [`integer(environment, 'PORT', 8787) // PORT`, ['PORT']],
  ])('in %s it sees %j', (text, variables) => {
    expect(variablesOf(text)).toEqual(variables);
  });
});

/** Names of variables: properties, keys and strings of capital letters. */
function variablesOf(source: string): string[] {
  const found = source.matchAll(
    /(?<=\.)[A-Z][A-Z0-9_]+\b(?!\()|(?<=['"])[A-Z][A-Z0-9_]{2,}(?=['"])|^\s+[A-Z][A-Z0-9_]+(?=\??:)/gm,
  );
  return [...new Set([...found].map((match) => match[0].trim()))];
}
