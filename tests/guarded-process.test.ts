import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startGuarded } from './support/guarded-process.ts';

/** A server that never ends by itself, and a child of it; prints both process ids. */
const family = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  console.log('pids', process.pid, child.pid);
  setInterval(() => {}, 1000);`;

/** A zombie does not run: it has ended, and waits for an init that may be slow to notice. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const gone = (pids: number[]) =>
  vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), { timeout: 5000, interval: 20 });

test('stopping ends the program and its children', async () => {
  const guarded = startGuarded('node', ['-e', family]);
  const [, ...pids] = (await guarded.waitFor(/pids (\d+) (\d+)/, 5000)).map(Number);
  expect(pids.filter(isRunning)).toHaveLength(2);
  await guarded.stop();
  await gone(pids);
});

test('whoever ignores the polite signal is ended all the same', async () => {
  const guarded = startGuarded('node', ['-e', `process.on('SIGTERM', () => {}); ${family}`]);
  const [, ...pids] = (await guarded.waitFor(/pids (\d+) (\d+)/, 5000)).map(Number);
  expect(pids.filter(isRunning)).toHaveLength(2);
  await guarded.stop(100);
  await gone(pids);
});

test('the program ends with the process that started it, even when that one is killed', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'support/guarded-process.ts'));
  const script = `
    const { startGuarded } = await import(${module});
    const [text] = await startGuarded('node', ['-e', ${JSON.stringify(family)}]).waitFor(/pids .*/, 5000);
    console.log(text);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(starter.stdout, 'data')) as [Buffer];
  const pids = text.toString().match(/\d+/g)!.map(Number);
  expect(pids.filter(isRunning)).toHaveLength(2);
  starter.kill('SIGKILL');
  await gone(pids);
});

test('waiting for words that never come tells what was said instead', async () => {
  const guarded = startGuarded('node', ['-e', `console.log('no database'); process.exit(1)`]);
  await expect(guarded.waitFor(/Ready/, 5000)).rejects.toThrow('no database');
  await guarded.stop();
});
