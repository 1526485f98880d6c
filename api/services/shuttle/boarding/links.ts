import { and, desc, eq, gt, isNull, lt } from '../../../../db/orm.ts';
import type { Db } from '../../../../db/db.ts';
import { driverLink } from '../../../../db/schema/index.ts';
import { minutesAfter, type HalfOpen, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { once, type Once } from '../../../engine/once.ts';
import type { Idempotency } from '../../../engine/types.ts';
import { newId } from '../../../new-id.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import type { Context, Resource } from '../../service.ts';
import { dispatches } from '../dispatchers.ts';
import { runDaysOn, type RunDay } from '../run-days.ts';
import { runAround } from '../run-rules.ts';

export type DriverLink = typeof driverLink.$inferSelect;

type Refused =
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'rule'; rule: 'not-running' | 'run-over' | 'too-many-links' };

const notFound = { ok: false, problem: 'not-found' } as const;
const refuse = (rule: 'not-running' | 'run-over' | 'too-many-links') => ({ ok: false, problem: 'rule', rule }) as const;

/** A run that the caller manages boarding of; null when it is not theirs or there is none. */
export function runOf(context: Context, caller: Caller, runId: string): Resource | null {
  const run = context.catalogue.get(runId);
  return run?.kind === 'shuttle' && dispatches(caller, run.organisationId) ? run : null;
}

/** A run on a date; null when it has no slots then. */
export async function runDayOf(context: Context, runId: string, date: IsoDate): Promise<RunDay | null> {
  const days = await runDaysOn(context, [date]);
  return days.find(({ resource }) => resource.id === runId) ?? null;
}

/** When a driver's phone may say where the bus of a run is: around the run only, so that nobody is followed home. */
export function positionSpan({ resource, serviceDate, legs }: RunDay): HalfOpen | null {
  const [first, last] = [legs.at(0), legs.at(-1)];
  if (!first || !last) return null;
  const { positionMinutes } = runAround(resource, serviceDate).times.driverLinks;
  return {
    startsAt: minutesAfter(first.startsAt, -positionMinutes),
    endsAt: minutesAfter(last.endsAt, positionMinutes),
  };
}

/** Makes a link for one run on one date. It holds until some hours after the run, so that a phone may tell late what it scanned. */
export async function makeLink(
  context: Context,
  caller: Caller,
  wish: { runId: string; serviceDate: IsoDate },
  idempotency: Idempotency | null,
): Promise<Once<{ ok: true; id: string } | Refused>> {
  const { db, site, now } = context;
  const decide = async (tx: Db): Promise<{ ok: true; id: string } | Refused> => {
    const run = runOf(context, caller, wish.runId);
    if (!run) return notFound;
    const day = await runDayOf({ ...context, db: tx }, run.id, wish.serviceDate);
    const last = day?.legs.at(-1);
    if (!last) return refuse('not-running');
    const { hoursAfter, atMost } = runAround(run, wish.serviceDate).times.driverLinks;
    const expiresAt = minutesAfter(last.endsAt, hoursAfter * 60);
    if (expiresAt <= now) return refuse('run-over');
    // Two that are made at once are counted one after the other.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [
      `driver links: ${wish.runId} ${wish.serviceDate}`,
      site.id,
    ]);
    if ((await usableLinks(tx, site.id, wish, now)) >= atMost) return refuse('too-many-links');
    const id = newId();
    await tx.orm
      .insert(driverLink)
      .values({ siteId: site.id, id, ...wish, createdAt: now, createdBy: caller.personId, expiresAt });
    return { ok: true, id };
  };
  return once(db, { siteId: site.id, at: now, idempotency }, decide, ({ ok }) => ok);
}

/** Index: driver_link_by_run. */
async function usableLinks(
  tx: Db,
  siteId: number,
  { runId, serviceDate }: { runId: string; serviceDate: IsoDate },
  now: Instant,
): Promise<number> {
  return tx.orm.$count(
    driverLink,
    and(
      eq(driverLink.siteId, siteId),
      eq(driverLink.runId, runId),
      eq(driverLink.serviceDate, serviceDate),
      isNull(driverLink.revokedAt),
      gt(driverLink.expiresAt, now),
    ),
  );
}

/** The links of a run on a date, latest first, from before one on. Index: driver_link_by_run. */
export function linksOf(
  { db, site }: Pick<Context, 'db' | 'site'>,
  { runId, serviceDate, before, limit }: { runId: string; serviceDate: IsoDate; before: string | null; limit: number },
): Promise<DriverLink[]> {
  return db.orm
    .select()
    .from(driverLink)
    .where(
      and(
        eq(driverLink.siteId, site.id),
        eq(driverLink.runId, runId),
        eq(driverLink.serviceDate, serviceDate),
        // Ids are made in order of time.
        before === null ? undefined : lt(driverLink.id, before),
      ),
    )
    .orderBy(desc(driverLink.id))
    .limit(limit);
}

/** A link by its name; null when there is none. */
export async function linkById({ db, site }: Pick<Context, 'db' | 'site'>, id: string): Promise<DriverLink | null> {
  if (!isUuid(id)) return null;
  const [link] = await db.orm
    .select()
    .from(driverLink)
    .where(and(eq(driverLink.siteId, site.id), eq(driverLink.id, id)));
  return link ?? null;
}

/** Whether a link still opens its run. */
export const isUsable = ({ revokedAt, expiresAt }: DriverLink, now: Instant): boolean =>
  revokedAt === null && now < expiresAt;

/** Takes a link back: from then on it opens nothing. Taking it back again changes nothing. */
export async function revokeLink(context: Context, caller: Caller, id: string): Promise<DriverLink | null> {
  const { db, site, now } = context;
  const link = await linkById(context, id);
  if (!link || !runOf(context, caller, link.runId)) return null;
  await db.orm
    .update(driverLink)
    .set({ revokedAt: now, revokedBy: caller.personId })
    .where(and(eq(driverLink.siteId, site.id), eq(driverLink.id, id), isNull(driverLink.revokedAt)));
  return linkById(context, id);
}
