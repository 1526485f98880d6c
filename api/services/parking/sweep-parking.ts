import type { SweepWork } from '../service.ts';
import { sweepGates } from './gates/gate-sweep.ts';
import { sweepOverstays } from './overstay-sweep.ts';

/** What parking does as time goes on: what the gates have seen comes first, since overstays follow from it. */
export async function sweepParking(work: SweepWork): Promise<void> {
  await sweepGates(work);
  await sweepOverstays(work.db, work.surroundings, work.now);
}
