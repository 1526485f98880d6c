import type { Db } from '../../db/db.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Engine } from '../engine/engine.ts';
import type { SlotSearch } from '../engine/find-slots.ts';
import type { Idempotency } from '../engine/types.ts';
import type { SmsSender } from '../messages/sms.ts';
import type { Caller } from '../people/caller.ts';
import type { DemoPerson } from '../people/schemas.ts';
import type { Sessions } from '../people/sessions.ts';
import type { DriverTokens } from '../services/driver-tokens.ts';
import type { Passes } from '../services/pass.ts';
import type { Wishes } from '../services/wishes.ts';
import type { Context } from '../services/service.ts';
import type { Language } from './problem.ts';
import type { Limiters } from './limits.ts';
import type { Interest } from './listeners.ts';

/** A site's slots as they change: pages of them that are kept until they change, and the feed of the changes. */
export type SiteLive = {
  pages: {
    read(context: Context, search: SlotSearch, takesGzip: boolean): Promise<{ body: Uint8Array; isGzip: boolean }>;
  };
  feed: {
    join(
      interest: Interest,
      address: string | null,
      after: number | null,
    ): Promise<ReadableStream<Uint8Array> | 'full' | 'crowded'>;
  };
};

/** What a process that keeps one database open knows of the sites that it is asked for. */
export type Live = {
  of(siteId: number): SiteLive;
  /** Something was committed here: whoever listens need not wait. */
  wake(): void;
  /** Ends the streams of all who listen. */
  end(): void;
};

/** Everything that the app is given; nothing is global, or Workers break. */
export type Deps = {
  /** For everything but admission: its transactions are bounded (`commandsOver`). */
  db: Db;
  clock: Clock;
  config: Pick<Config, 'isDemo' | 'origin' | 'requestDeadlineMilliseconds' | 'gate' | 'vehiclesPerPerson' | 'gtfs'>;
  engine: Engine;
  sessions: Sessions;
  /** Signs the passes of bookings. */
  passes: Passes;
  /** Signs the links of drivers. */
  driverTokens: DriverTokens;
  /** Site, catalogue and calendar, held in memory for some seconds, with the present instant. */
  contextNow: () => Promise<Context>;
  /** The catalogue was changed by this request: the next one reads it anew. */
  forgetSurroundings: () => void;
  limiters: Limiters;
  /** What is asked for in vain, counted. */
  wishes: Wishes;
  /** Slots as they change; null where each request opens its own database. */
  live: Live | null;
  sms: SmsSender | null;
  /** Demo people, load testers included: the sign-in caps do not count them. */
  isDemoPhone: (phone: string) => boolean;
  /** Who can try the service with one click; empty unless in demo mode. */
  demoPeople: readonly DemoPerson[];
  log: (level: 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>) => void;
  /** The network address of the caller, where the runtime knows it. */
  addressOf: (request: Request, bindings: unknown) => string | null;
};

/** What middleware hands to the routes. */
export type Variables = {
  deps: Deps;
  requestId: string;
  language: Language;
  caller: Caller | null;
  idempotency: Idempotency | null;
  /** What every answer says. */
  commonHeaders: Record<string, string>;
  /** The answer of a route that has said all that already. */
  answered?: Response;
};

export type AppEnv = { Variables: Variables };
