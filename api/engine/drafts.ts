import type { BookingDraft, Claim, Line } from './types.ts';

/** Units that some bookings take of each slot together. */
export function unitsOf(drafts: readonly { lines: readonly Line[] }[]): Map<number, number> {
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

/** A draft as it is kept in a queue: who waits is served on the terms of then. */
export function withoutTerms(draft: BookingDraft): BookingDraft {
  return { ...draft, lines: draft.lines.map(({ slotId, units }) => ({ slotId, units })) };
}
