import { z } from 'zod';
import { fen, id, joinWaitlist, localized } from '../../http/schemas.ts';

/** The eight allergen classes of GB 7718. */
export const allergens = ['gluten', 'crustaceans', 'fish', 'egg', 'peanut', 'soy', 'milk', 'tree-nuts'] as const;
export const allergen = z.enum(allergens);

/** A meal: one pick-up window and portions of dishes. */
export const canteenBookingRequest = z.strictObject({
  kind: z.literal('canteen'),
  slotId: id,
  items: z
    .array(z.strictObject({ dishId: id, quantity: z.int().min(1).max(10) }))
    .min(1)
    .max(10),
  joinWaitlist,
});
export type CanteenBookingRequest = z.infer<typeof canteenBookingRequest>;

export const canteenFacts = z.object({
  seats: z.int().nullable(),
  pickup: z.object({ from: z.string(), to: z.string(), minutes: z.int() }),
  orderCutoff: z.string().meta({ description: 'local time of the same day' }),
  isPartner: z.boolean(),
});

export const dish = z
  .object({
    id,
    name: localized,
    priceFen: fen,
    portionsLeft: z.int(),
    allergens: z.array(allergen),
    diet: z.array(z.enum(['halal', 'vegetarian'])),
    spicy: z.int().min(0).max(3),
    kcal: z.int().nullable(),
  })
  .meta({ id: 'Dish' });
export type Dish = z.infer<typeof dish>;

export const canteenBookingDetails = z.object({
  items: z.array(z.object({ dishId: id, name: localized, quantity: z.int(), priceFen: fen })),
});
