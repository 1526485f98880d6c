import type { BookingDraft, Slot } from '../../engine/types.ts';
import { spanOf } from '../drafting.ts';
import { apart, mainResourceOf, nearest, slotsAround, type AlternativesOf } from '../nearest.ts';
import type { Context, PlacedBooking } from '../service.ts';
import { canteenOf } from './rules.ts';

/** What is offered to guests who have to give way: the same dishes of the same kitchen at the nearest other time. */
export async function otherWindows(context: Context, bookings: readonly PlacedBooking[]): Promise<AlternativesOf> {
  const choices = bookings.flatMap((booking) => {
    const canteen = mainResourceOf(context, booking);
    return canteen ? [{ booking, canteen }] : [];
  });
  const slots = await slotsAround(context, [...new Set(choices.map(({ canteen }) => canteen))], bookings);
  return new Map(
    choices.map(({ booking, canteen }) => {
      const window = booking.lines.find(({ resourceId }) => resourceId === canteen.id);
      const others = (slots.get(canteen.id) ?? []).filter(
        ({ id, serviceDate }) => id !== window?.slotId && serviceDate === booking.serviceDate,
      );
      const near = nearest(others, ({ startsAt }) => apart(startsAt, booking.startsAt));
      const drafts = near.map((other) => orderAt(other, booking, window?.slotId ?? 0));
      return [booking.id, { drafts, offerMinutes: canteenOf(canteen).times.offerMinutes }];
    }),
  );
}

/** An order at another time: what it takes of the dishes, and what it costs, stays as it is. */
function orderAt(window: Slot, { personId, lines, priceFen, details }: PlacedBooking, instead: number): BookingDraft {
  return {
    kind: 'canteen',
    ...spanOf([window]),
    lines: lines.map(({ slotId, units }) => ({ slotId: slotId === instead ? window.id : slotId, units })),
    claims: [{ claimantId: personId, scope: 'pick-up', during: { startsAt: window.startsAt, endsAt: window.endsAt } }],
    priceFen,
    details: details as object,
  };
}
