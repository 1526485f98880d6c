import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitUntil } from './wait-until.ts';

type Running = { pid: number; parent: number; state: string };

/**
 * Kills a PostgreSQL server with all of its processes at one moment, as when its machine loses power but for the disk's cache. The
 * postmaster is stopped first, so that it neither sees its children die nor makes new ones.
 */
export async function killPostgres(postmaster: number): Promise<void> {
  process.kill(postmaster, 'SIGSTOP');
  await waitUntil('the postmaster has stopped', () => running().find(isStopped(postmaster)) ?? null);
  await waitUntil('its children are dead', () => {
    const children = running().filter(({ parent, state }) => parent === postmaster && !state.startsWith('Z'));
    for (const { pid } of children) killed(pid);
    return children.length === 0 || null;
  });
  process.kill(postmaster, 'SIGKILL');
}

const isStopped =
  (postmaster: number) =>
  ({ pid, state }: Running): boolean =>
    pid === postmaster && state.startsWith('T');

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has gone by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Every process of this machine: from the kernel where it tells, else from `ps`, which slim images lack. */
function running(): Running[] {
  if (!existsSync('/proc/self/stat'))
    return parsed(execFileSync('ps', ['-A', '-o', 'pid=,state=,ppid='], { encoding: 'utf8' }));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => parsed(statOf(pid)));
}

/** `pid state parent`; the name between them may have any character, so that only its last bracket counts. */
function statOf(pid: string): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')}`;
  } catch {
    // It has ended since the folder was read.
    return '';
  }
}

const parsed = (text: string): Running[] =>
  [...text.matchAll(/^\s*(\d+) +(\S+) +(\d+)/gm)].map(([, pid, state, parent]) => ({
    pid: Number(pid),
    parent: Number(parent),
    state: state!,
  }));
