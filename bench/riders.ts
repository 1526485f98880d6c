import type { Rider } from './people.ts';
import { aSeat, legs, post } from './requests.ts';

/** One leg of one run on one day: a slot that many people want. */
export type HotSlot = { runId: string; serviceDate: string; leg: number };

const dates = ['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-30'];
/** Those that go from the metro into the park. */
const runIds = ['run-1', 'run-2', 'run-3', 'run-4', 'run-6'];

/** Hot slots that nobody has booked yet, one after the other: a rider can have a seat of each of them once. */
export function hotSlots(): () => HotSlot {
  const all = Array.from({ length: legs }, (_, leg) =>
    dates.flatMap((serviceDate) => runIds.map((runId) => ({ runId, serviceDate, leg }))),
  ).flat();
  return () => {
    const next = all.shift();
    if (!next) throw new Error('the bench has used up its slots');
    return next;
  };
}

/** A seat for every rider, each with a retry key of its own. */
export const bookingsOf = (riders: readonly Rider[], slot: HotSlot): string[] =>
  riders.map((rider) => post('/api/v1/bookings', rider, aSeat(slot)));

/** The same requests to the route that only takes them, checks them and answers. */
export const noOpsOf = (riders: readonly Rider[], slot: HotSlot): string[] =>
  riders.map((rider) => post('/api/v1/no-op', rider, aSeat(slot)));
