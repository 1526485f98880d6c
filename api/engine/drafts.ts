import type { BookingDraft, Claim, Leaves, Line } from './types.ts';

/** Units that some bookings take of each slot together. */
export function unitsOf(drafts: readonly { lines: readonly Line[] }[]): Map<number, number> {
  const units = new Map<number, number>();
  for (const { lines } of drafts)
    for (const { slotId, units: count } of lines) units.set(slotId, (units.get(slotId) ?? 0) + count);
  return units;
}

/** What some bookings have to leave of each slot: the most that a line of theirs says. */
export function leavesOf(drafts: readonly { lines: readonly Line[] }[]): Map<number, Leaves> {
  const leaves = new Map<number, Leaves>();
  for (const { slotId, leaves: own } of drafts.flatMap(({ lines }) => lines)) {
    if (own && own.units > (leaves.get(slotId)?.units ?? 0)) leaves.set(slotId, own);
  }
  return leaves;
}

/** All claims that some bookings make together. */
export function claimsOf(drafts: readonly BookingDraft[]): Claim[] {
  return drafts.flatMap(({ claims }) => claims);
}

/** A draft as it is kept in a queue: who waits is served on the terms of then. */
export function withoutTerms(draft: BookingDraft): BookingDraft {
  return { ...draft, lines: draft.lines.map(({ slotId, units }) => ({ slotId, units })) };
}
