import type { SweepWork } from '../service.ts';
import { settleOpenCredit } from './months/credit.ts';
import { sweepGates } from './gates/gate-sweep.ts';
import { sweepOverstays } from './overstays/overstay-sweep.ts';
import { runRounds } from './months/rounds.ts';

/**
 * What parking does as time goes on. What the gates have seen comes before the overstays that follow from it, and the rounds before the
 * credit that their winners spend.
 */
export async function sweepParking(work: SweepWork): Promise<void> {
  await sweepGates(work);
  await sweepOverstays(work.db, work, work.now);
  await runRounds(work);
  await settleOpenCredit(work);
}
