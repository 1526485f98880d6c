import { localTimeOf } from '../../../calendar/time.ts';
import type { Context } from '../../service.ts';
import type { Wishes } from '../../wishes.ts';
import { legsBetween } from '../run-rules.ts';
import type { ShuttleBookingRequest } from '../schemas.ts';
import { noteWish, quarterOf } from './ride-wishes.ts';

/** Counts seats that somebody found taken, at the time at which they would have boarded; in a day plan, only if the run was what is full. */
export async function noteRefusedRide(
  wishes: Wishes,
  { slots, site }: Context,
  { runId, serviceDate, boardStopId, alightStopId, seats, wheelchair }: ShuttleBookingRequest,
  { slotId, personId }: { slotId: number; personId: string },
): Promise<void> {
  const legs = legsBetween(await slots.ofResources(site.id, [runId], [serviceDate]), boardStopId, alightStopId);
  if (typeof legs === 'string') return;
  const [first] = legs;
  const isItFull = wheelchair === true || legs.some(({ id }) => id === slotId);
  if (!first || !isItFull) return;
  const quarter = quarterOf(localTimeOf(first.startsAt, site.timeZone));
  noteWish(
    wishes,
    { serviceDate, quarter, fromStopId: boardStopId, toStopId: alightStopId, kind: 'refusal' },
    seats,
    personId,
  );
}
