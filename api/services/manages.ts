import { holdsRole, type Caller } from '../people/caller.ts';
import type { RoleName } from '../people/schemas.ts';
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

/** The role in which the caller manages a resource: what others are told instead of a name. */
export function managingRole(context: Context, caller: Caller, resourceId: string): RoleName {
  const resource = context.catalogue.get(resourceId);
  const managedBy = (resource && serviceOfKind(resource.kind)?.managedBy) ?? [];
  const held = caller.roles.find(
    ({ role, organisationId }) =>
      managedBy.includes(role) && (organisationId === null || organisationId === resource?.organisationId),
  );
  return held?.role ?? 'site-administrator';
}
