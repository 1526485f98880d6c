import { asc, eq } from '../../db/orm.ts';
import type { Db } from '../../db/db.ts';
import { calendarDay, resource, schedule, site } from '../../db/schema/index.ts';
import { workingDays } from '../calendar/working-days.ts';
import type { Clock } from '../clock.ts';
import type { SlotSource } from '../engine/kept-slots.ts';
import type { Context, Resource, Schedule, Surroundings } from './service.ts';

/** Thrown when the database has no such site: it was not seeded. */
export class UnknownSite extends Error {
  override name = 'UnknownSite';
}

/** Remembers the surroundings; one per process or isolate, and never a failed load. */
export type SurroundingsCache = { value: Surroundings | null; loadedAt: number };
export const emptyCache = (): SurroundingsCache => ({ value: null, loadedAt: 0 });

const keepMilliseconds = 5_000;

/** Gives verbs their context: surroundings at most some seconds old, and the present instant. */
export function contextSource(
  db: Db,
  slots: SlotSource,
  clock: Clock,
  siteCode: string,
  cache: SurroundingsCache,
): () => Promise<Context> {
  // Not in the cache: on Workers one request may not wait for another one's query.
  let loading: Promise<Surroundings> | null = null;

  async function load(): Promise<Surroundings> {
    try {
      const loaded = await loadSurroundings(db, siteCode);
      cache.value = loaded;
      cache.loadedAt = performance.now();
      return loaded;
    } finally {
      loading = null;
    }
  }
  return async () => {
    const isFresh = cache.value !== null && performance.now() - cache.loadedAt < keepMilliseconds;
    const surroundings = isFresh && cache.value ? cache.value : await (loading ??= load());
    return { db, slots, now: clock.now(), ...surroundings };
  };
}

/** Reads a site's surroundings in four queries. @throws UnknownSite */
export async function loadSurroundings(db: Db, siteCode: string): Promise<Surroundings> {
  const [place] = await db.orm.select().from(site).where(eq(site.code, siteCode));
  if (!place) throw new UnknownSite(`the database has no site "${siteCode}"`);
  const [resources, schedules, days] = await Promise.all([
    db.orm.select().from(resource).where(eq(resource.siteId, place.id)).orderBy(asc(resource.sort), asc(resource.id)),
    db.orm.select().from(schedule).where(eq(schedule.siteId, place.id)).orderBy(asc(schedule.id)),
    db.orm.select().from(calendarDay).where(eq(calendarDay.siteId, place.id)),
  ]);
  return { site: place, catalogue: catalogueOf(resources, schedules), calendar: workingDays(days) };
}

type ResourceRow = typeof resource.$inferSelect;
type ScheduleRow = typeof schedule.$inferSelect;

function catalogueOf(resources: readonly ResourceRow[], schedules: readonly ScheduleRow[]): Map<string, Resource> {
  const schedulesOf = new Map<string, Schedule[]>();
  for (const { resourceId, siteId: _siteId, ...rules } of schedules) {
    const known = schedulesOf.get(resourceId);
    if (known) known.push(rules);
    else schedulesOf.set(resourceId, [rules]);
  }
  const active = resources.filter(({ isActive }) => isActive);
  return new Map(active.map((row) => [row.id, { ...row, schedules: schedulesOf.get(row.id) ?? [] }]));
}
