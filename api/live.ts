import type { Db } from '../db/db.ts';
import type { Clock } from './clock.ts';
import { createEventLog } from './engine/event-log.ts';
import type { Live } from './http/environment.ts';
import type { ListenerLimits } from './http/listeners.ts';
import { createFeed, type Feed, type OnFailure } from './services/feed.ts';
import { createSlotPages, type SlotPages } from './services/slot-pages.ts';

/**
 * Follows the log of each site that is asked for; it does nothing until then. Only a process that keeps its database open can: on Workers
 * each request opens its own.
 */
export function createLive(db: Db, clock: Clock, limits: ListenerLimits, onFailure: OnFailure): Live {
  const sites = new Map<number, { pages: SlotPages; feed: Feed }>();

  function start(siteId: number) {
    const log = createEventLog(db, siteId);
    const live = { pages: createSlotPages(log), feed: createFeed(log, clock, limits, onFailure) };
    sites.set(siteId, live);
    return live;
  }

  return {
    of: (siteId) => sites.get(siteId) ?? start(siteId),
    wake: () => {
      for (const { feed } of sites.values()) feed.wake();
    },
    end: () => {
      for (const { feed } of sites.values()) feed.end();
    },
  };
}
