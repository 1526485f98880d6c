import type { Slot } from '../../engine/types.ts';
import type { Caller } from '../../people/caller.ts';
import { lineOf, notFound, refuse, resourceOf, slotsOfKind, spanOf } from '../drafting.ts';
import type { Context, Wish } from '../service.ts';
import { dishesFor } from './menu.ts';
import { canteenOf } from './rules.ts';
import type { CanteenBookingRequest } from './schemas.ts';

/** What is kept of an order, to show it as it was booked. `priceFen` is of one portion. */
export type OrderDetails = {
  title: { zh: string; en: string };
  items: { dishId: string; name: { zh: string; en: string }; quantity: number; priceFen: number }[];
};

/** Turns an order into one unit of its pick-up window and a portion of each dish; the person is the claimant of the window. */
export async function draftOrder(context: Context, caller: Caller, request: CanteenBookingRequest): Promise<Wish> {
  const window = (await slotsOfKind(context, 'canteen', [request.slotId]))?.[0];
  if (!window) return notFound;
  const dishes = await dishesFor(context, window, context.slots);
  const portions = new Map<string, number>();
  for (const { dishId, quantity } of request.items) portions.set(dishId, (portions.get(dishId) ?? 0) + quantity);
  const items: (OrderDetails['items'][number] & { slot: Slot })[] = [];
  for (const [dishId, quantity] of portions) {
    const dish = dishes.get(dishId);
    if (!dish) return context.catalogue.get(dishId)?.kind === 'dish' ? refuse('dish-not-on-menu') : notFound;
    items.push({ dishId, name: dish.resource.name, quantity, priceFen: dish.slot.priceFen, slot: dish.slot });
  }
  const canteen = resourceOf(context, window.resourceId);
  const details: OrderDetails = {
    title: canteen.name,
    items: items.map(({ slot: _slot, ...item }) => item),
  };
  return {
    ok: true,
    offerMinutes: canteenOf(canteen).times.offerMinutes,
    draft: {
      kind: 'canteen',
      ...spanOf([window]),
      lines: [lineOf(window, 1), ...items.map(({ slot, quantity }) => lineOf(slot, quantity))],
      claims: [{ claimantId: caller.personId, scope: 'pick-up', during: window }],
      priceFen: items.reduce((sum, { quantity, priceFen }) => sum + quantity * priceFen, 0),
      details,
    },
  };
}
