import type { IsoDate } from '../../../calendar/time.ts';
import type { Wishes } from '../../wishes.ts';
import type { RunDay } from '../run-days.ts';
import { noteWish, quarterOf } from './ride-wishes.ts';

/**
 * Counts that somebody looked for a ride at a local time, whether or not a run goes then. Only on a day with runs, and between two stops of
 * theirs: anything else is no demand for a bus.
 */
export function noteSearch(
  wishes: Wishes,
  days: readonly RunDay[],
  { serviceDate, fromStopId, toStopId, at }: { serviceDate: IsoDate; fromStopId: string; toStopId: string; at: string },
  who: string | null,
): void {
  const isServed = days.some(({ stops }) =>
    [fromStopId, toStopId].every((wanted) => stops.some(({ stopId }) => stopId === wanted)),
  );
  if (!isServed || fromStopId === toStopId) return;
  noteWish(wishes, { serviceDate, quarter: quarterOf(at), fromStopId, toStopId, kind: 'search' }, 1, who);
}
