import type { BookingDraft, Claim } from './types.ts';

/** Units that some bookings need of each slot together. */
export function unitsOf(drafts: readonly BookingDraft[]): Map<number, number> {
  const units = new Map<number, number>();
  for (const { slotId, units: count } of drafts.flatMap(({ lines }) => lines)) {
    units.set(slotId, (units.get(slotId) ?? 0) + count);
  }
  return units;
}

/** All claims that some bookings make together. */
export function claimsOf(drafts: readonly BookingDraft[]): Claim[] {
  return drafts.flatMap(({ claims }) => claims);
}
