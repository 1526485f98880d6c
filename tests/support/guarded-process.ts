import { spawn, type ChildProcess } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export type GuardedProcess = {
  /** Leader of the process group; `process.kill(-pid, 'SIGKILL')` ends all of it at once. */
  pid: number;
  /** Everything written so far. */
  log(): string;
  /** Resolves to the match once the output has it. Throws with the output when the process ends or `timeoutMs` pass. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Ends the whole group: politely, and after `graceMs` not so. Harmless when it has ended. */
  stop(graceMs?: number): Promise<void>;
};

/**
 * Runs in a process group of its own and ends it when the pipe from us closes, which the kernel does however we end:
 * no server, workerd or browser is left behind by a test run that was killed.
 */
const guard = `
exec 3<&0
( read -r _ <&3; kill -TERM 0 ) & watcher=$!
"$@" 3<&- </dev/null; code=$?
kill $watcher 2>/dev/null
exit $code`;

/** Starts a program (of node_modules/.bin, or any other) in the repository's root. */
export function startGuarded(program: string, args: string[], env: Record<string, string> = {}): GuardedProcess {
  const bin = join(root, 'node_modules/.bin');
  const child = spawn('sh', ['-c', guard, 'guard', program, ...args], {
    cwd: root,
    detached: true,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  return {
    pid: child.pid!,
    log: () => output,
    waitFor: (pattern, timeoutMs) => waitForOutput(child, pattern, timeoutMs, () => output),
    stop: async (graceMs = 5000) => {
      signalGroup(child.pid!, 'SIGTERM');
      const hurry = setTimeout(() => signalGroup(child.pid!, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(hurry);
      // Whoever ignored the signal while its leader went.
      signalGroup(child.pid!, 'SIGKILL');
    },
  };
}

function waitForOutput(child: ChildProcess, pattern: RegExp, timeoutMs: number, output: () => string) {
  return new Promise<RegExpExecArray>((found, reject) => {
    const fail = (why: string) => finish(() => reject(new Error(`${why} before it said ${pattern}:\n${output()}`)));
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
    const onEnd = () => fail('the process ended');
    const look = () => {
      const match = pattern.exec(output());
      if (match) finish(() => found(match));
    };
    const finish = (conclude: () => void) => {
      clearTimeout(timer);
      child.off('close', onEnd);
      for (const stream of [child.stdout!, child.stderr!]) stream.off('data', look);
      conclude();
    };
    child.once('close', onEnd);
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', look);
    look();
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: everybody has gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
