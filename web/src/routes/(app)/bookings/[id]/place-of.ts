import { unwrap, type ApiClient, type Booking, type Localized } from '$lib/api.ts';
import { pickUpOf } from '$lib/links.ts';

/** Where a booking is; null when it has no one place (a shuttle) or the place is not known any more. */
export async function placeOf(api: ApiClient, booking: Booking): Promise<Localized | null> {
  if (booking.kind === 'shuttle') return null;
  const resourceId = booking.kind === 'canteen' ? pickUpOf(booking)?.resourceId : booking.lines[0]?.resourceId;
  if (resourceId === undefined) return null;
  const resource = await unwrap(api.resources[':id'].$get({ param: { id: resourceId } }));
  return resource.ok ? (resource.value.place?.name ?? null) : null;
}
