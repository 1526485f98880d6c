import { holdsRole, type Caller } from '../people/caller.ts';
import type { KeptBooking } from './bookings.ts';
import { serviceOfKind } from './registry.ts';
import type { Context } from './service.ts';

/** Whether the caller manages every resource of a booking: staff see and cancel what is theirs to run. */
export function managesBooking(context: Context, caller: Caller, booking: KeptBooking): boolean {
  return booking.lines.every(({ resourceId }) => managesResource(context, caller, resourceId));
}

/** Whether the caller holds a managing role of the resource's service in the resource's organisation. */
export function managesResource(context: Context, caller: Caller, resourceId: string): boolean {
  const resource = context.catalogue.get(resourceId);
  const service = resource && serviceOfKind(resource.kind);
  return !!service && holdsRole(caller, service.managedBy, resource.organisationId);
}
