import type { OpenDb } from '../db/db.ts';
import { isDemoPhone, shownDemoPeople } from '../db/seed/demo-people.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { admissionLimits } from './engine/admit.ts';
import { commandsOver } from './engine/commands.ts';
import { createEngine } from './engine/engine.ts';
import { keptSlots } from './engine/kept-slots.ts';
import type { Deps } from './http/environment.ts';
import { createLimiter, type Limiters } from './http/limits.ts';
import { smsByWebhook } from './messages/sms.ts';
import { createSessions, type Sessions } from './people/sessions.ts';
import { createPasses, type Passes } from './services/pass.ts';
import { createDriverTokens, type DriverTokens } from './services/driver-tokens.ts';
import { contextSource, emptyCache, type SurroundingsCache } from './services/context.ts';
import { createWishes, type Wishes } from './services/wishes.ts';

/** What a process or isolate remembers between requests, whatever database connection they use. */
export type Memory = {
  surroundings: SurroundingsCache;
  sessions: Sessions;
  passes: Passes;
  limiters: Limiters;
  /** Until the next sweep of this process writes them down. */
  wishes: Wishes;
  driverTokens: DriverTokens;
};

/** Starts with nothing remembered. `secret` signs the sessions, the passes and the drivers' links. */
export function createMemory(
  config: Pick<Config, 'requestsPerMinute' | 'addressRequestsPerMinute'>,
  secret: string,
): Memory {
  return {
    surroundings: emptyCache(),
    sessions: createSessions(secret),
    passes: createPasses(secret),
    wishes: createWishes(),
    driverTokens: createDriverTokens(secret),
    limiters: {
      person: createLimiter(config.requestsPerMinute),
      address: createLimiter(config.addressRequestsPerMinute),
    },
  };
}

/** What differs between the runtimes. */
export type Runtime = Pick<Deps, 'log' | 'addressOf' | 'live'>;

/** Puts together what the app needs, the same on every runtime. */
export function createDeps(
  db: OpenDb,
  clock: Clock,
  config: Pick<
    Config,
    'isDemo' | 'origin' | 'sms' | 'siteCode' | 'requestDeadlineMilliseconds' | 'gate' | 'vehiclesPerPerson' | 'gtfs'
  >,
  memory: Memory,
  runtime: Runtime,
): Deps {
  const limits = admissionLimits(config.requestDeadlineMilliseconds);
  const commands = commandsOver(db, limits);
  return {
    db: commands,
    clock,
    config,
    engine: createEngine(db, limits),
    sessions: memory.sessions,
    passes: memory.passes,
    driverTokens: memory.driverTokens,
    contextNow: contextSource(commands, keptSlots(commands), clock, config.siteCode, memory.surroundings),
    forgetSurroundings: () => void (memory.surroundings.value = null),
    limiters: memory.limiters,
    wishes: memory.wishes,
    sms: config.sms && smsByWebhook(config.sms),
    isDemoPhone,
    demoPeople: config.isDemo ? shownDemoPeople() : [],
    ...runtime,
  };
}
