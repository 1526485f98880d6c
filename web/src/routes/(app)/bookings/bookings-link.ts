import type { ServiceKind } from '$lib/api.ts';

/** The list with its filters in the address. */
export function bookingsLink(choice: {
  when: 'upcoming' | 'past';
  kind?: ServiceKind | null;
  cursor?: string;
}): string {
  const params = new URLSearchParams();
  if (choice.when === 'past') params.set('when', 'past');
  if (choice.kind) params.set('kind', choice.kind);
  if (choice.cursor !== undefined) params.set('cursor', choice.cursor);
  return params.size === 0 ? '/bookings' : `/bookings?${params}`;
}
