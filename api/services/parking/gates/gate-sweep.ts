import type { SweepWork } from '../../service.ts';
import { forgetOldSights } from './forget-sights.ts';
import { pushLists } from './push-lists.ts';
import { reconcileLists } from './reconcile-lists.ts';
import { rematchSights } from './rematch-sights.ts';

/** What has to follow at gates once bookings have changed: the lists, and sights that wait for a booking. */
export async function followBookings(work: SweepWork): Promise<void> {
  const { db, now, gates } = work;
  await reconcileLists(db, work, now);
  await pushLists(db, work, gates, now);
  await rematchSights(db, work, now);
}

/** The same as time goes on, and what was seen long ago is forgotten. */
export async function sweepGates(work: SweepWork): Promise<void> {
  await followBookings(work);
  await forgetOldSights(work.db, work, work.now);
}
