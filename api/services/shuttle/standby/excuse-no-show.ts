import { once, type Once } from '../../../engine/once.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, notFound, refuse } from '../../drafting.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { dispatches } from '../dispatchers.ts';
import { noShowsById } from './no-shows.ts';

/** The runs whose riders the caller may excuse. */
export function runsOfStaff({ catalogue }: Pick<Context, 'catalogue'>, caller: Caller): string[] {
  return [...catalogue.values()].flatMap(({ id, kind, organisationId }) =>
    kind === 'shuttle' && dispatches(caller, organisationId) ? [id] : [],
  );
}

/** With a reason: it does not count; without: what was excused counts again. */
export type Excuse = { reason: string } | { undo: true };
export type Excused = { ok: true } | WishRefusal;

/**
 * Excuses a no-show, or takes that back. The booking is locked, so of two that collide one is refused. Each leaves its event; the reason
 * stays in the row.
 */
export function excuseNoShow(
  context: Context,
  caller: Caller,
  bookingId: string,
  said: Excuse,
  idempotency: Idempotency | null,
): Promise<Once<Excused>> {
  const { db, site, now } = context;
  return once<Excused>(
    db,
    { siteId: site.id, at: now, idempotency },
    (tx) => excuseWithin({ ...context, db: tx }, caller, bookingId, said),
    ({ ok }) => ok,
  );
}

/** `context.db` is the transaction. */
async function excuseWithin(context: Context, caller: Caller, bookingId: string, said: Excuse): Promise<Excused> {
  const { db: tx, site, now } = context;
  if (!isUuid(bookingId)) return notFound;
  await tx.query('SELECT 1 FROM booking WHERE site_id = $1 AND id = $2 FOR UPDATE', [site.id, bookingId]);
  const noShow = (await noShowsById(tx, site.id, [bookingId])).get(bookingId);
  if (!noShow || !runsOfStaff(context, caller).includes(noShow.details.runId)) return notFound;
  const isExcused = noShow.excuse !== null && noShow.excuse.undoneAt === null;
  if ('undo' in said && !isExcused) return refuse('not-excused');
  if ('reason' in said && (isExcused || noShow.isCancelled)) return refuse('not-a-no-show');
  const by = [site.id, bookingId, toTimestamp(now), caller.personId];
  if ('undo' in said)
    await tx.query(
      'UPDATE no_show_excuse SET undone_at = $3, undone_by = $4 WHERE site_id = $1 AND booking_id = $2',
      by,
    );
  else
    await tx.query(
      `INSERT INTO no_show_excuse (site_id, booking_id, at, actor_id, reason) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (site_id, booking_id) DO UPDATE
       SET at = $3, actor_id = $4, reason = $5, undone_at = NULL, undone_by = NULL`,
      [...by, said.reason],
    );
  await tx.query('INSERT INTO event (site_id, booking_id, at, actor_id, type) VALUES ($1, $2, $3, $4, $5)', [
    ...by,
    'undo' in said ? 'no-show.counted-again' : 'no-show.excused',
  ]);
  return { ok: true };
}
