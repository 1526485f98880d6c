import type { Db } from '../db/db.ts';
import type { Clock } from './clock.ts';
import { noGates, type Gates } from './gates/gate.ts';
import type { Deps } from './http/environment.ts';
import type { Moments } from './keep-time.ts';
import { loadSurroundings } from './services/context.ts';
import { topUpSlots } from './services/publish.ts';
import type { Wishes } from './services/wishes.ts';
import { atNextMoment, followBookings, nextMomentOf, sweepServices } from './services/registry.ts';
import { freshSlots } from './engine/kept-slots.ts';
import { expire } from './engine/expire.ts';
import { countNoShows } from './engine/count-no-shows.ts';
import { forgetPastClaims } from './engine/forget-claims.ts';
import { forgetOldKeys } from './engine/forget-keys.ts';
import { remind } from './engine/remind.ts';
import { forgetOldNotices } from './messages/notices.ts';
import { dateOf } from './calendar/time.ts';
import { settleByDate } from './people/verification.ts';

/** What has to be done as time goes on. Idempotent, and safe to run from many processes at once. */
export async function sweep(
  db: Db,
  clock: Clock,
  siteCode: string,
  gates: Gates = noGates,
  wishes?: Wishes,
): Promise<{ slotsMade: number }> {
  const now = clock.now();
  const surroundings = await loadSurroundings(db, siteCode);
  const slotsMade = await topUpSlots(db, surroundings, now);
  await expire(db, surroundings.site.id, now);
  await countNoShows(db, surroundings.site.id, now);
  await remind(db, surroundings.site.id, now);
  await forgetOldKeys(db, surroundings.site.id, now);
  await forgetOldNotices(db, surroundings.site.id, now);
  await settleByDate(db, { siteId: surroundings.site.id, now, today: dateOf(now, surroundings.site.timeZone) });
  await forgetPastClaims(db, surroundings.site.id, now);
  await sweepServices({ db, slots: freshSlots(db), now, gates, ...surroundings }, wishes);
  return { slotsMade };
}

/** What follows once bookings have changed, without waiting for the next sweep. */
export async function follow(db: Db, clock: Clock, siteCode: string, gates: Gates): Promise<void> {
  const surroundings = await loadSurroundings(db, siteCode);
  await followBookings({ db, slots: freshSlots(db), now: clock.now(), gates, ...surroundings });
}

/** When something is due to the second, and what is then done; what lies behind us is done by the sweep. */
export function momentsOf(db: Db, clock: Clock, siteCode: string): Moments {
  const context = async () => ({
    db,
    slots: freshSlots(db),
    now: clock.now(),
    ...(await loadSurroundings(db, siteCode)),
  });
  return {
    next: async () => nextMomentOf(await context()),
    work: async () => atNextMoment(await context()),
  };
}

const sweepMilliseconds = 60_000;

/** Sweeps every minute until it is stopped; a sweep that fails is logged and tried again at the next. */
export function startSweeping(work: () => Promise<unknown>, log: Deps['log']): { stop: () => Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = work()
      .then(() => undefined)
      .catch((error: unknown) =>
        log('error', 'a sweep failed', { error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => (isBusy = false));
  }, sweepMilliseconds);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

const followMilliseconds = 2_000;

/** Does what follows changes some seconds after it was woken by the first of them, until it is stopped. */
export function startFollowing(
  work: () => Promise<unknown>,
  log: Deps['log'],
): { wake: () => void; stop: () => Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  return {
    wake: () => {
      if (isStopped) return;
      timer ??= setTimeout(() => {
        running = running
          .then(work)
          .then(() => undefined)
          .catch((error: unknown) =>
            log('error', 'following bookings failed', {
              error: error instanceof Error ? error.message : String(error),
            }),
          );
        timer = null;
      }, followMilliseconds);
    },
    stop: async () => {
      isStopped = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}
