import { freshSlots, type SlotSource } from '../../engine/kept-slots.ts';
import type { Slot } from '../../engine/types.ts';
import type { Catalogue, Context, Resource } from '../service.ts';
import { slotsOfKind } from '../drafting.ts';
import { dishFacts } from './rules.ts';
import type { Dish } from './schemas.ts';

/** A dish of one day: what it is, and the slot that holds its portions. */
export type DishOfTheDay = { resource: Resource; slot: Slot };

/** The dishes of the canteen and day of a pick-up window, by dish id. */
export async function dishesFor(
  context: Context,
  window: Slot,
  source: SlotSource,
): Promise<Map<string, DishOfTheDay>> {
  const dishes = dishesOf(context.catalogue, window.resourceId);
  const slots = await source.ofResources(
    context.site.id,
    dishes.map((resource) => resource.id),
    [window.serviceDate],
  );
  const slotOf = new Map(slots.map((slot) => [slot.resourceId, slot]));
  return new Map(
    dishes.flatMap((resource) => {
      const slot = slotOf.get(resource.id);
      return slot ? [[resource.id, { resource, slot }] as const] : [];
    }),
  );
}

/** The menu of a pick-up window; null when there is no such window. Empty while it is not published yet. */
export async function menuOf(context: Context, slotId: string): Promise<Dish[] | null> {
  const window = (await slotsOfKind(context, 'canteen', [slotId]))?.[0];
  if (!window) return null;
  if (context.now < window.opensAt) return [];
  const dishes = await dishesFor(context, window, freshSlots(context.db));
  return [...dishes.values()].map(({ resource, slot }) => ({
    id: resource.id,
    name: resource.name,
    priceFen: slot.priceFen,
    portionsLeft: slot.capacity - slot.taken,
    ...dishFacts.parse(resource.facts),
  }));
}

function dishesOf(catalogue: Catalogue, canteenId: string): Resource[] {
  return [...catalogue.values()].filter(({ kind, parentId }) => kind === 'dish' && parentId === canteenId);
}
