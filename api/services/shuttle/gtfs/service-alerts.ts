import { and, eq } from '../../../../db/orm.ts';
import { event, serviceAlert, shuttleLine } from '../../../../db/schema/index.ts';
import { instantOf, NonexistentLocalTime, parseInstant, type Instant } from '../../../calendar/time.ts';
import { once, type Once } from '../../../engine/once.ts';
import type { Idempotency } from '../../../engine/types.ts';
import { newId } from '../../../new-id.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { factsOf } from '../run-rules.ts';
import { lockAlert, stateOf, type KeptAlert } from './alert-rows.ts';
import type { AlertRequest } from './alert-schemas.ts';
import { dispatchingRole } from '../dispatchers.ts';

type Rule = 'alert-period' | 'alert-not-of-line' | 'alert-over' | 'alert-not-ended';
type Refusal =
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'rule'; rule: Rule }
  | { ok: false; problem: 'stale'; version: number };
export type Told = { ok: true; alertId: string } | Refusal;

const notFound = { ok: false, problem: 'not-found' } as const;
const refuse = (rule: Rule) => ({ ok: false, problem: 'rule', rule }) as const;

/** Tells riders of a line something, for who dispatches it; once per retry key. What it is about has to be the line's. */
export function publishAlert(
  context: Context,
  caller: Caller,
  request: AlertRequest,
  idempotency: Idempotency | null,
): Promise<Once<Told>> {
  const { db, site, now } = context;
  return once<Told>(
    db,
    { siteId: site.id, at: now, idempotency },
    (tx) => publishWithin({ ...context, db: tx }, caller, request),
    ({ ok }) => ok,
  );
}

async function publishWithin(context: Context, caller: Caller, request: AlertRequest): Promise<Told> {
  const { db: tx, site, now } = context;
  const { startsAt: from, endsAt: to, text, ...said } = request;
  const [line] = await tx.orm
    .select()
    .from(shuttleLine)
    .where(and(eq(shuttleLine.siteId, site.id), eq(shuttleLine.id, said.lineId)));
  const actorRole = line && dispatchingRole(caller, line.organisationId);
  if (!actorRole) return notFound;
  const startsAt = from === undefined ? now : momentOf(from, site.timeZone);
  const endsAt = to === undefined ? null : momentOf(to, site.timeZone);
  if (startsAt === null || (to !== undefined && (endsAt === null || endsAt <= now || endsAt <= startsAt)))
    return refuse('alert-period');
  if (!isOfLine(context, said)) return refuse('alert-not-of-line');
  const id = newId();
  const alert = { id, ...said, text: text ?? null, startsAt, endsAt };
  await tx.orm.insert(serviceAlert).values({ siteId: site.id, ...alert, at: now, actorId: caller.personId, actorRole });
  await noted(context, caller, 'published', id);
  return { ok: true, alertId: id };
}

/** An instant, or a local time of the site; null for one that its clocks skip. */
function momentOf(text: string, zone: string): Instant | null {
  if (text.length > 'YYYY-MM-DDTHH:MM'.length) return parseInstant(text);
  try {
    return instantOf(text.slice(0, 10), text.slice(11), zone);
  } catch (error) {
    if (error instanceof NonexistentLocalTime) return null;
    throw error;
  }
}

/** Whether the runs and stops that an alert names are those of its line. */
function isOfLine({ catalogue }: Pick<Context, 'catalogue'>, { lineId, runIds, stopIds }: AlertRequest): boolean {
  const runs = [...catalogue.values()].filter((run) => run.kind === 'shuttle' && factsOf(run).lineId === lineId);
  const knownRuns = new Set(runs.map(({ id }) => id));
  const knownStops = new Set(runs.flatMap((run) => factsOf(run).stops.map(({ stopId }) => stopId)));
  return runIds.every((id) => knownRuns.has(id)) && stopIds.every((id) => knownStops.has(id));
}

/** Ends an alert now, or takes its ending back while its time is not over: then it is told as before. */
export function endAlert(
  context: Context,
  caller: Caller,
  id: string,
  step: 'end' | 'undo',
  call: { idempotency: Idempotency | null; expectedVersion: number | null },
): Promise<Once<Told>> {
  const { db, site, now } = context;
  return once<Told>(
    db,
    { siteId: site.id, at: now, idempotency: call.idempotency },
    (tx) => endWithin({ ...context, db: tx }, caller, id, step, call.expectedVersion),
    ({ ok }) => ok,
  );
}

async function endWithin(
  context: Context,
  caller: Caller,
  id: string,
  step: 'end' | 'undo',
  expectedVersion: number | null,
): Promise<Told> {
  const { db: tx, site, now } = context;
  const alert = isUuid(id) ? await lockAlert(tx, site.id, id) : null;
  if (!alert || !dispatchingRole(caller, alert.organisationId)) return notFound;
  const refusal = doesNotFit(alert, step, now);
  if (refusal) return refusal;
  if (expectedVersion !== null && expectedVersion !== alert.version)
    return { ok: false, problem: 'stale', version: alert.version };
  const isEnd = step === 'end';
  await tx.query(
    'UPDATE service_alert SET ended_at = $3, ended_by = $4, version = version + 1 WHERE site_id = $1 AND id = $2',
    [site.id, id, isEnd ? new Date(now).toISOString() : null, isEnd ? caller.personId : null],
  );
  await noted(context, caller, isEnd ? 'ended' : 'resumed', id);
  return { ok: true, alertId: id };
}

function doesNotFit(alert: KeptAlert, step: 'end' | 'undo', now: number): Refusal | null {
  const state = stateOf(alert, now);
  if (step === 'end') return state === 'ended' || state === 'over' ? refuse('alert-over') : null;
  if (state !== 'ended') return refuse('alert-not-ended');
  return alert.endsAt !== null && alert.endsAt <= now ? refuse('alert-over') : null;
}

async function noted(
  { db: tx, site, now }: Context,
  caller: Caller,
  what: 'published' | 'ended' | 'resumed',
  alertId: string,
): Promise<void> {
  await tx.orm.insert(event).values({
    ...{ siteId: site.id, at: now, type: `service-alert.${what}`, actorId: caller.personId },
    facts: { alertId },
  });
}
