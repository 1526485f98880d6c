import type { Alternatives } from '../engine/alternatives.ts';
import type { DisplacementRules } from '../engine/displace-bookings.ts';
import type { Slot } from '../engine/types.ts';
import { bookingsById } from './bookings.ts';
import { serviceOfKind } from './registry.ts';
import type { Context } from './service.ts';

/** How bookings of these slots give way: the order that their resource declares, and what each service spares and offers instead. */
export function displacementRules(context: Context, slots: readonly Slot[]): DisplacementRules {
  const resource = context.catalogue.get(slots[0]?.resourceId ?? '');
  const order = resource && serviceOfKind(resource.kind)?.displaceFirst(resource);
  return {
    order: order ?? 'latest-booked',
    isProtected: ({ kind, details }) => serviceOfKind(kind)?.isProtected(details) ?? false,
    alternatives: async (tx, bookingIds) => {
      const bookings = await bookingsById(tx, context.site.id, bookingIds);
      const inside = { ...context, db: tx };
      const ofKinds = await Promise.all(
        [...Map.groupBy(bookings, ({ kind }) => kind)].map(
          async ([kind, own]): Promise<Map<string, Alternatives>> =>
            (await serviceOfKind(kind)?.alternatives(inside, own)) ?? new Map(),
        ),
      );
      return new Map(ofKinds.flatMap((each) => [...each]));
    },
  };
}
