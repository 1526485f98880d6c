import type { Db } from '../../../../db/db.ts';
import { doneAndUndone } from '../../../engine/dry-run.ts';
import { freshSlots } from '../../../engine/kept-slots.ts';
import { once, type Once } from '../../../engine/once.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Localized } from './timetable-schemas.ts';
import type { Caller } from '../../../people/caller.ts';
import { loadSurroundings } from '../../context.ts';
import type { Context, Resource } from '../../service.ts';
import { dispatches, dispatchingRole } from '../dispatchers.ts';
import { factsOf } from '../run-rules.ts';
import type { TimetableRule } from './timetable-refusals.ts';

/** Why a command about runs and timetables is refused. */
export type Refused =
  | { ok: false; problem: 'rule'; rule: TimetableRule }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'key-reused' }
  | { ok: false; problem: 'stale'; tag: string };

/** Ends a command that may have written already: nothing of it stands. */
export class Refusing extends Error {
  override name = 'Refusing';
  readonly refusal: Refused;

  constructor(refusal: Refused) {
    super(`refused: ${refusal.problem}`);
    this.refusal = refusal;
  }
}

/** Refuses by a rule. @throws Refusing */
export function refuseBy(rule: TimetableRule): never {
  throw new Refusing({ ok: false, problem: 'rule', rule });
}

/** What is not there, or is somebody else's. @throws Refusing */
export function notThere(): never {
  throw new Refusing({ ok: false, problem: 'not-found' });
}

/** How a command is called: its retry key, and the versions that its caller has seen (`If-Match`). */
export type Call = { idempotency: Idempotency | null; expectedTag: string | null; dryRun: boolean };

/** Runs a command once per retry key, or only tries it. A refusal leaves nothing. `Result` must survive JSON. */
export async function command<Result extends object>(
  context: Context,
  { idempotency, dryRun }: Pick<Call, 'idempotency' | 'dryRun'>,
  work: (tx: Db) => Promise<Result>,
): Promise<Once<Result> | Refused> {
  try {
    if (dryRun) return { ok: true, result: await doneAndUndone(context.db, work), replayed: false };
    return await once<Result>(context.db, { siteId: context.site.id, at: context.now, idempotency }, work);
  } catch (error) {
    if (error instanceof Refusing) return error.refusal;
    throw error;
  }
}

/** A line with its vehicles, as a command needs it. */
export type Line = {
  id: string;
  organisationId: string;
  name: Localized;
  buses: number;
  cycleMinutes: number;
  runsPerDay: number;
};

const lineColumns = `id, organisation_id AS "organisationId", name, buses, cycle_minutes AS "cycleMinutes",
  runs_per_day AS "runsPerDay"`;

/** The lines that somebody dispatches. A site has few. */
export async function linesOf({ db, site }: Pick<Context, 'db' | 'site'>, caller: Caller): Promise<Line[]> {
  const lines = await db.query<Line>(`SELECT ${lineColumns} FROM shuttle_line WHERE site_id = $1 ORDER BY id`, [
    site.id,
  ]);
  return lines.filter(({ organisationId }) => dispatches(caller, organisationId));
}

/**
 * Takes a line that the caller dispatches for one change of its timetable at a time, and reads the catalogue as it is then. Comes before
 * any lock of slots. @throws Refusing
 */
export async function takeLine(
  tx: Db,
  context: Context,
  caller: Caller,
  lineId: string,
): Promise<{ line: Line; actorRole: string; inside: Context }> {
  const [line] = await tx.query<Line>(
    `SELECT ${lineColumns} FROM shuttle_line WHERE site_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    [context.site.id, lineId],
  );
  const actorRole = line ? dispatchingRole(caller, line.organisationId) : null;
  if (!line || actorRole === null) return notThere();
  return { line, actorRole, inside: await insideOf(tx, context) };
}

/** The same context within a transaction, with the catalogue as it is there. */
export async function insideOf(tx: Db, context: Context): Promise<Context> {
  return { ...context, ...(await loadSurroundings(tx, context.site.code)), db: tx, slots: freshSlots(tx) };
}

/** The runs of a line, those that were added for a date too. */
export function runsOf({ catalogue }: Pick<Context, 'catalogue'>, lineId: string): Resource[] {
  return [...catalogue.values()].filter(
    (resource) => resource.kind === 'shuttle' && factsOf(resource).lineId === lineId,
  );
}

/** Whether a run was added for one date and is none of the timetable. */
export function isExtra({ schedules }: Resource): boolean {
  return schedules.every(({ validFrom, validTo }) => validFrom !== null && validFrom === validTo);
}
