import { transactionWithRetry, type Db } from '../../db/db.ts';
import { plusDays, type Instant, type IsoDate } from '../calendar/time.ts';
import { publishSlots } from '../engine/publish-slots.ts';
import { horizon, validWithin } from './horizon.ts';
import { serviceOfKind } from './registry.ts';
import type { DateRange, Resource, Schedule, Site, Surroundings } from './service.ts';

/**
 * Makes the slots of every schedule up to the horizon that are not there yet. Idempotent, safe from many processes, and without a
 * write when nothing is due. @returns how many slots were made.
 */
export async function topUpSlots(db: Db, { site, catalogue, calendar }: Surroundings, now: Instant): Promise<number> {
  const dates = horizon(now, site.timeZone);
  const due = [...catalogue.values()].flatMap((resource) =>
    resource.schedules.filter((schedule) => !isPublished(schedule, dates)).map((schedule) => ({ resource, schedule })),
  );
  if (due.length === 0) return 0;
  const drafts = due.flatMap(({ resource, schedule }) => {
    const range = validWithin(schedule, dates);
    const service = serviceOfKind(resource.kind);
    if (!service || !range) return [];
    return service
      .slotsOf(resource, schedule, range, calendar, site.timeZone)
      .map((slot) => ({ ...slot, resourceId: resource.id, kind: resource.kind }));
  });
  return transactionWithRetry(db, async (tx) => {
    const made = await publishSlots(tx, site.id, drafts, now);
    await rememberPublished(tx, site, due, dates);
    return made;
  });
}

function isPublished({ publishedFrom, publishedTo }: Schedule, dates: DateRange): boolean {
  return publishedFrom !== null && publishedTo !== null && publishedFrom <= dates.from && publishedTo >= dates.to;
}

/** What is remembered is one gapless range: a horizon that does not touch it (a demo clock that was moved) takes its place. */
async function rememberPublished(
  tx: Db,
  site: Site,
  due: readonly { resource: Resource; schedule: Schedule }[],
  dates: DateRange,
): Promise<void> {
  const touches = ({ publishedFrom, publishedTo }: Schedule): boolean =>
    publishedFrom !== null &&
    publishedTo !== null &&
    dates.from <= plusDays(publishedTo, 1) &&
    dates.to >= plusDays(publishedFrom, -1);
  const earlier = (a: IsoDate, b: IsoDate | null): IsoDate => (b !== null && b < a ? b : a);
  const later = (a: IsoDate, b: IsoDate | null): IsoDate => (b !== null && b > a ? b : a);
  await tx.query(
    `UPDATE schedule SET published_from = u.published_from, published_to = u.published_to
     FROM unnest($2::text[], $3::date[], $4::date[]) AS u(id, published_from, published_to)
     WHERE schedule.site_id = $1 AND schedule.id = u.id`,
    [
      site.id,
      due.map(({ schedule }) => schedule.id),
      due.map(({ schedule }) => (touches(schedule) ? earlier(dates.from, schedule.publishedFrom) : dates.from)),
      due.map(({ schedule }) => (touches(schedule) ? later(dates.to, schedule.publishedTo) : dates.to)),
    ],
  );
}
