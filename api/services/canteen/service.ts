import type { Service } from '../service.ts';
import { draftOrder, type OrderDetails } from './draft-order.ts';
import { canteenOf, canteenRefusals, lunchSlotsOf, lunchTimes, orderRules } from './rules.ts';
import { otherWindows } from './other-windows.ts';
import type { CanteenBookingRequest } from './schemas.ts';

/** Canteens and partner restaurants: what they give the engine and the common routes. */
export const canteen: Service<CanteenBookingRequest> = {
  kind: 'canteen',
  partKinds: ['dish'],
  browseDays: 7,
  managedBy: ['canteen-manager', 'site-administrator'],
  slotsOf: lunchSlotsOf,
  draft: draftOrder,
  presentResource(resource) {
    const { facts, times } = canteenOf(resource);
    return { facts: { ...facts, pickup: times.pickup, orderCutoff: times.orderCutoff }, rules: orderRules(resource) };
  },
  presentSlot: () => ({}),
  presentBooking(booking) {
    const { title, ...details } = booking.details as OrderDetails;
    return { title, details };
  },
  displaceFirst: (resource) => lunchTimes.parse(resource.schedules[0]?.rule).displaceFirst ?? 'latest-booked',
  isProtected: () => false,
  alternatives: otherWindows,
  refusals: canteenRefusals,
};
