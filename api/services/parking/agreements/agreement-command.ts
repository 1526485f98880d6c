import type { Db } from '../../../../db/db.ts';
import { doneAndUndone } from '../../../engine/dry-run.ts';
import type { DisplacementRules } from '../../../engine/displace-bookings.ts';
import { once, type Once } from '../../../engine/once.ts';
import type { CapacityChangeOutcome, PlannedChange } from '../../../engine/plan-capacity-change.ts';
import type { Idempotency } from '../../../engine/types.ts';
import { bookingsById } from '../../bookings.ts';
import type { Context } from '../../service.ts';
import type { AgreementRule } from './agreement-refusals.ts';
import { otherLots } from '../other-lots.ts';
import type { AgreementTimes } from '../rules.ts';
import type { Localized } from './agreement-schemas.ts';

/** The agreements of a lot that would lend more than it has. */
export type Overbooked = { spaces: number; lent: number; agreements: { id: string; name: Localized }[] };

/** Why a command about agreements is refused. */
export type Refused =
  | { ok: false; problem: 'rule'; rule: AgreementRule | 'no-slots'; overbooked?: Overbooked }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'key-reused' }
  | { ok: false; problem: 'changed'; version: number }
  | Exclude<CapacityChangeOutcome, { ok: true }>;

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
export function refuseBy(rule: AgreementRule | 'no-slots', overbooked?: Overbooked): never {
  throw new Refusing({ ok: false, problem: 'rule', rule, ...(overbooked && { overbooked }) });
}

/** What is not there, or is somebody else's. @throws Refusing */
export function notThere(): never {
  throw new Refusing({ ok: false, problem: 'not-found' });
}

/** The change that was made, or nothing of the whole command. @throws Refusing */
export function madeOrRefused(outcome: CapacityChangeOutcome): PlannedChange {
  if (!outcome.ok) throw new Refusing(outcome);
  return outcome;
}

/** Runs a command once per retry key, or only tries it. A refusal leaves nothing. `Result` must survive JSON. */
export async function command<Result extends object>(
  context: Context,
  { idempotency, dryRun }: { idempotency: Idempotency | null; dryRun: boolean },
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

/** How stays give way: in the order that their agreement declares, to the nearest lot that takes them in. */
export function stayDisplacement(context: Context, { displaceFirst }: AgreementTimes): DisplacementRules {
  return {
    order: displaceFirst ?? 'latest-booked',
    isProtected: () => false,
    alternatives: async (tx, ids) => otherLots({ ...context, db: tx }, await bookingsById(tx, context.site.id, ids)),
  };
}
