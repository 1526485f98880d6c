import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startGuarded } from './guarded-process.ts';
import { freePort } from './postgres.ts';

export type TestWorker = { url: string; log(): string; stop(): Promise<void> };

/** wrangler works without a network when it is told not to fetch what it would like to know. */
const offline = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', CI: '1', FORCE_COLOR: '0' };

/**
 * The Worker of wrangler.toml in workerd, with Hyperdrive pointing at `databaseUrl` (which needs a password). The pages must
 * have been built with TARGET=cloudflare. Throws with wrangler's output when it is not ready within a minute.
 */
export async function startWorker(options: {
  databaseUrl: string;
  vars?: Record<string, string>;
}): Promise<TestWorker> {
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'chaoxi-worker-'));
  const vars = Object.entries(options.vars ?? {}).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  const worker = startGuarded(
    'wrangler',
    [
      'dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      `--inspector-port=${inspectorPort}`,
      `--persist-to=${folder}`,
      '--show-interactive-dev-session=false',
      ...vars,
    ],
    { ...offline, ...ownHome(folder), CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: options.databaseUrl },
  );
  const stop = async () => {
    await worker.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await worker.waitFor(/Ready on http/, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, log: () => worker.log(), stop };
}

/** The modules that wrangler would deploy, by their paths from the repository's root, and the bundle's size in bytes as it is sent. */
export async function bundledModules(): Promise<{ paths: string[]; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'chaoxi-bundle-'));
  const metafile = join(folder, 'metafile.json');
  const args = ['deploy', '--dry-run', '--outdir', folder, '--metafile', metafile];
  const bundling = startGuarded('wrangler', args, { ...offline, ...ownHome(folder) });
  try {
    await bundling.waitFor(/--dry-run: exiting now/, 60_000);
    const { inputs } = JSON.parse(await readFile(metafile, 'utf8')) as { inputs: Record<string, unknown> };
    const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    const sizes = scripts.map(async (name) => gzipSync(await readFile(join(folder, name))).length);
    return { paths: Object.keys(inputs), bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) };
  } finally {
    await bundling.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Keeps wrangler's logs and its registry of running Workers out of the home of whoever runs the tests. */
const ownHome = (folder: string) => ({ XDG_CONFIG_HOME: folder, WRANGLER_LOG_PATH: join(folder, 'logs') });
