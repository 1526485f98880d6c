import type { SweepWork } from '../../service.ts';
import { forgetOldSights } from './forget-sights.ts';
import { pushLists } from './push-lists.ts';
import { reconcileLists } from './reconcile-lists.ts';
import { rematchSights } from './rematch-sights.ts';

/** What has to follow at gates once bookings have changed: the lists, and sights that wait for a booking. */
export async function followBookings({ db, surroundings, now, gates }: SweepWork): Promise<void> {
  await reconcileLists(db, surroundings, now);
  await pushLists(db, surroundings, gates, now);
  await rematchSights(db, surroundings, now);
}

/** The same as time goes on, and what was seen long ago is forgotten. */
export async function sweepGates(work: SweepWork): Promise<void> {
  await followBookings(work);
  await forgetOldSights(work.db, work.surroundings, work.now);
}
