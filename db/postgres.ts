import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db, OpenDb, Row } from './db.ts';
import * as schema from './schema/index.ts';

/** Opens PostgreSQL through postgres.js; shared by the Node side and the Workers side. */
export function openPostgres(url: string, connections: number): OpenDb {
  const client = postgres(url, {
    max: connections,
    connect_timeout: 10,
    idle_timeout: 0,
    connection: { TimeZone: 'UTC', application_name: 'chaoxi' },
    onnotice: () => {},
    fetch_types: false,
  });
  const orm = drizzle(client, { schema });
  // drizzle replaces the parsers of date types by pass-through; hot statements want them read.
  const parsers = client.options.parsers;
  parsers[20] = Number;
  parsers[1184] = (text: string) => new Date(text).getTime();
  return { ...wrap(orm, client), flavour: 'postgres', connections, close: () => client.end({ timeout: 5 }) };
}

type Orm = ReturnType<typeof drizzle<typeof schema>>;
type Client = Pick<postgres.Sql, 'unsafe'>;

function wrap(orm: Orm | Parameters<Parameters<Orm['transaction']>[0]>[0], client: Client): Db {
  return {
    orm,
    query: async <R extends object = Row>(text: string, parameters: readonly unknown[] = []) => {
      const rows = await client.unsafe(text, parameters.map(arrayAsText) as never[], { prepare: true });
      return rows as unknown as R[];
    },
    transaction: (work) => orm.transaction((tx) => work(wrap(tx, sessionClient(tx)))),
  };
}

/** drizzle keeps a transaction's connection to itself; hot statements must run on that same connection. */
function sessionClient(tx: object): Client {
  const session: unknown = Reflect.get(tx, 'session');
  return Reflect.get(session as object, 'client') as Client;
}

/** postgres.js sends an array only when told its type; PostgreSQL reads the text form into whatever type it expects. */
function arrayAsText(parameter: unknown): unknown {
  if (!Array.isArray(parameter)) return parameter;
  return `{${parameter.map(elementAsText).join(',')}}`;
}

function elementAsText(element: unknown): string {
  if (element === null || element === undefined) return 'NULL';
  if (typeof element === 'string') return `"${element.replace(/["\\]/g, '\\$&')}"`;
  return JSON.stringify(element);
}
