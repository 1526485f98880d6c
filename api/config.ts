import { z } from 'zod';

/** A bad value in the environment; its message is the one line to show. */
export class BadConfiguration extends Error {
  override name = 'BadConfiguration';
}

const flag = z
  .enum(['1', '0', 'true', 'false', 'on', 'off'], { error: 'must be on or off' })
  .transform((value) => ['1', 'true', 'on'].includes(value));

/** From one second up. */
const seconds = (max: number) => z.coerce.number({ error: 'must be a number of seconds' }).int().min(1).max(max);

const environment = z.object({
  PORT: z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65_535).default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'must begin with postgres:// or postgresql://' })
    .optional(),
  DATABASE_CONNECTIONS: z.coerce.number({ error: 'must be a number' }).int().min(1).max(200).default(10),
  REQUEST_DEADLINE_SECONDS: z.coerce.number({ error: 'must be a number' }).min(1).max(120).default(10),
  DATA_DIR: z.string().min(1).default('./data'),
  DEMO: flag.optional(),
  DEMO_NOW: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/, {
      error: 'must be a date or an instant, e.g. 2026-09-30T17:00 or 2026-09-30T17:00:00+08:00',
    })
    .optional(),
  SESSION_SECRET: z.string().min(32, { error: 'must have at least 32 characters' }).optional(),
  SMS_WEBHOOK_URL: z.url({ error: 'must be a URL' }).optional(),
  SMS_WEBHOOK_TOKEN: z.string().min(1).optional(),
  GATE_SECRET: z.string().min(32, { error: 'must have at least 32 characters' }).optional(),
  GATE_PUSH_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  GATE_PUSH_FOLDER: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ORIGIN: z
    .url({ protocol: /^https?$/, error: 'must be the public address, e.g. https://book.example.org' })
    .optional(),
  SITE: z.string().min(1).default('caohejing'),
  REQUESTS_PER_MINUTE: z.coerce.number({ error: 'must be a number' }).int().min(1).default(600),
  LISTENERS: z.coerce.number({ error: 'must be a number' }).int().min(1).default(10_000),
  ADDRESS_LISTENERS: z.coerce.number({ error: 'must be a number' }).int().min(1).default(1000),
  VEHICLES_PER_PERSON: z.coerce.number({ error: 'must be a number' }).int().min(1).max(100).default(5),
  GTFS_SECONDS: seconds(86_400).default(3600),
  GTFS_RT_SECONDS: seconds(300).default(15),
  VEHICLE_POSITION_SECONDS: seconds(300).default(5),
  VEHICLE_POSITION_STALE_SECONDS: seconds(3600).default(90),
  ADDRESS_REQUESTS_PER_MINUTE: z.coerce.number({ error: 'must be a number' }).int().min(1).default(6000),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** What the service is told from outside. */
export type Config = {
  port: number;
  host: string;
  database: { url: string; connections: number } | { folder: string };
  /** How long a request may take before it is answered 503. */
  requestDeadlineMilliseconds: number;
  isDemo: boolean;
  /** A date, a local time or an instant that the clock starts at; demo mode only. */
  demoNow: string | null;
  /** Null with the embedded database: then it is made once and kept beside the data. */
  sessionSecret: string | null;
  sms: { url: string; token: string | null } | null;
  /** What signs the messages of gates, and the ways to their lists; null where there is none. */
  gate: { secret: string | null; pushUrl: string | null; pushFolder: string | null };
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Of one person. */
  requestsPerMinute: number;
  /** Of one address where nobody is signed in; a whole company may share it. */
  addressRequestsPerMinute: number;
  /** How many may listen to the live feed of a process, and how many of them from one address. */
  listeners: { listeners: number; listenersPerAddress: number };
  /** How many vehicles a person may have on their list. */
  vehiclesPerPerson: number;
  /**
   * For how many seconds map apps may keep the timetables, and what is true of today, before they ask again; how many seconds positions of a
   * bus are apart at least, and after how many one is told no more.
   */
  gtfs: { feedSeconds: number; realtimeSeconds: number; positionSeconds: number; positionStaleSeconds: number };
  /** The site that this deployment serves. */
  siteCode: string;
  /** The public address when a proxy stands before the service; null when people reach it directly. */
  origin: string | null;
};

/**
 * Reads the environment. Empty values count as unset.
 * @throws BadConfiguration with one clear line.
 */
export function readConfig(env: Environment): Config {
  const values = valuesOf(environment, env);
  const isEmbedded = values.DATABASE_URL === undefined;
  const isDemo = values.DEMO ?? isEmbedded;
  checkTogether(values, isEmbedded, isDemo);
  return {
    port: values.PORT,
    host: values.HOST,
    database: databaseOf(values),
    requestDeadlineMilliseconds: values.REQUEST_DEADLINE_SECONDS * 1000,
    isDemo,
    demoNow: values.DEMO_NOW ?? null,
    sessionSecret: values.SESSION_SECRET ?? null,
    sms: values.SMS_WEBHOOK_URL ? { url: values.SMS_WEBHOOK_URL, token: values.SMS_WEBHOOK_TOKEN ?? null } : null,
    gate: {
      secret: values.GATE_SECRET ?? null,
      pushUrl: values.GATE_PUSH_URL ?? null,
      pushFolder: values.GATE_PUSH_FOLDER ?? null,
    },
    logLevel: values.LOG_LEVEL,
    requestsPerMinute: values.REQUESTS_PER_MINUTE,
    addressRequestsPerMinute: values.ADDRESS_REQUESTS_PER_MINUTE,
    listeners: { listeners: values.LISTENERS, listenersPerAddress: values.ADDRESS_LISTENERS },
    vehiclesPerPerson: values.VEHICLES_PER_PERSON,
    gtfs: {
      feedSeconds: values.GTFS_SECONDS,
      realtimeSeconds: values.GTFS_RT_SECONDS,
      positionSeconds: values.VEHICLE_POSITION_SECONDS,
      positionStaleSeconds: values.VEHICLE_POSITION_STALE_SECONDS,
    },
    siteCode: values.SITE,
    origin: values.ORIGIN ? new URL(values.ORIGIN).origin : null,
  };
}

/**
 * Reads where the database is, and nothing else: what a command needs that only looks at it.
 * @throws BadConfiguration with one clear line.
 */
export function readDatabasePlace(env: Environment): Config['database'] {
  const ofDatabase = environment.pick({ DATABASE_URL: true, DATABASE_CONNECTIONS: true, DATA_DIR: true });
  return databaseOf(valuesOf(ofDatabase, env));
}

function valuesOf<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadConfiguration(`${issue?.path.join('.') ?? 'the environment'} ${issue?.message ?? 'is not valid'}`);
}

type DatabaseValues = Pick<z.infer<typeof environment>, 'DATABASE_URL' | 'DATABASE_CONNECTIONS' | 'DATA_DIR'>;

function databaseOf({ DATABASE_URL, DATABASE_CONNECTIONS, DATA_DIR }: DatabaseValues): Config['database'] {
  return DATABASE_URL ? { url: DATABASE_URL, connections: DATABASE_CONNECTIONS } : { folder: DATA_DIR };
}

function checkTogether(values: z.infer<typeof environment>, isEmbedded: boolean, isDemo: boolean): void {
  if (isDemo && values.DEMO === undefined && !isLoopback(values.HOST)) {
    throw new BadConfiguration(
      `HOST ${values.HOST} is public and demo mode lets anybody sign in: set DEMO=off, or DEMO=on to say that this is meant`,
    );
  }
  if (values.DEMO_NOW && !isDemo)
    throw new BadConfiguration('DEMO_NOW works in demo mode only: set DEMO=on or unset DEMO_NOW');
  if (values.GATE_PUSH_URL && !values.GATE_SECRET)
    throw new BadConfiguration('GATE_SECRET is needed with GATE_PUSH_URL: it signs what the gates are told');
  if (!isEmbedded && !values.SESSION_SECRET) {
    throw new BadConfiguration('SESSION_SECRET is needed with DATABASE_URL: set it to 32 random characters or more');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
