import type { SweepWork } from '../service.ts';
import type { Wishes } from '../wishes.ts';
import { sweepWishes } from './advisor/wish-sweep.ts';
import { forgetPositions } from './gtfs/forget-positions.ts';
import { releaseDue } from './standby/release-unscanned.ts';
import { sweepStandingRides } from './standing/standing-sweep.ts';

/** What the shuttles do as time goes on. */
export async function sweepShuttle(work: SweepWork, wishes: Wishes): Promise<void> {
  await releaseDue(work);
  await sweepStandingRides(work);
  await sweepWishes(work, wishes);
  await forgetPositions(work);
}
