import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { waitUntil } from './wait-until.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * Kills the server when the pipe from us closes, which the kernel does however we end, and passes its exit code on. The server is not
 * the leader of a group, so that each signal of a test goes to it alone.
 */
const guard = `
exec 3<&0
"$@" 3<&- </dev/null & server=$!
echo "server-pid $server"
( read -r _ <&3; kill -KILL $server 2>/dev/null ) & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code`;

export type ServerProcess = {
  /** Where it serves; empty until it is ready. */
  url: string;
  /** Its own process id. */
  pid: number;
  /** Milliseconds from its start to its welcome. */
  readyAfter: number;
  /** Everything written to standard output and to standard error. */
  output(): string;
  errors(): string;
  signal(name: NodeJS.Signals): void;
  /** The exit code; 128 and the signal's number when a signal ended it. */
  ended: Promise<number>;
};

/** Starts the service as `npm start` does, without waiting for anything but its process id. */
export async function launchServer(env: Record<string, string>): Promise<ServerProcess> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
  const child = spawn('sh', ['-c', guard, 'guard', process.execPath, 'scripts/start.ts'], {
    cwd: root,
    // Compiled code is kept: a test may start dozens.
    env: { ...inherited, PORT: '0', NODE_COMPILE_CACHE: join(root, '.cache/node'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
  const ended = exitOf(child);
  const pid = Number(
    await waitUntil('the server has a process id', () => /^server-pid (\d+)$/m.exec(text.out)?.[1] ?? null),
  );
  return {
    url: '',
    pid,
    readyAfter: 0,
    output: () => text.out.replace(/^server-pid \d+\n/, ''),
    errors: () => text.err,
    signal: (name) => signalProcess(pid, name),
    ended,
  };
}

/** Starts the service and waits until it says that it is ready. Throws with its output when it ends instead. */
export async function startServer(env: Record<string, string>): Promise<ServerProcess> {
  const startedAt = performance.now();
  const server = await launchServer(env);
  let code: number | null = null;
  void server.ended.then((value) => (code = value));
  const url = await waitUntil(
    'the server is ready',
    () => {
      if (code !== null) throw new Error(`the server ended with ${code}:\n${server.output()}${server.errors()}`);
      return /ready after .*?(http:\S+)/.exec(server.output())?.[1] ?? null;
    },
    60_000,
  );
  return { ...server, url, readyAfter: performance.now() - startedAt };
}

/** Settings of whoever runs the tests must not reach the server. */
function isSetting(name: string): boolean {
  return /^(PORT|HOST|DATABASE_|DATA_DIR|DEMO|SESSION_SECRET|SMS_|GATE_|OIDC_|LOG_LEVEL|ORIGIN|SITE$|(ADDRESS_)?REQUESTS_PER_MINUTE|NODE_OPTIONS|VITEST)/.test(
    name,
  );
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((done) => child.once('close', (code) => done(code ?? -1)));
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it has gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
