import type { Line, Slot } from '../engine/types.ts';
import type { HalfOpen, Instant } from '../calendar/time.ts';
import type { Context, Resource, WishRefusal } from './service.ts';

/** A refusal by a service's own rule. */
export function refuse(rule: string): WishRefusal {
  return { ok: false, problem: 'rule', rule };
}

/** What is not there, or is somebody else's: the caller cannot tell which. */
export const notFound: WishRefusal = { ok: false, problem: 'not-found' };

/** The id of a slot, a place in a queue or a notice as the API writes it; null for a text that cannot be one. */
export function parseRowId(text: string): number | null {
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}

/** Whether a text is a uuid, so that a query may be asked about it. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** The slots of some ids as the API writes them, all of one kind, in order of start; null if any of them is not offered. */
export async function slotsOfKind(context: Context, kind: string, ids: readonly string[]): Promise<Slot[] | null> {
  const numbers = new Set(ids.map(parseRowId));
  if (numbers.has(null)) return null;
  const slots = await context.slots.byId(context.site.id, [...numbers] as number[]);
  const isOffered = (slot: Slot) => slot.kind === kind && context.catalogue.has(slot.resourceId);
  if (slots.length !== numbers.size || !slots.every(isOffered)) return null;
  return slots.toSorted((a, b) => a.startsAt - b.startsAt);
}

/** Units of a slot as it was when the booking was drafted. */
export function lineOf(slot: Slot, units: number): Line {
  return { slotId: slot.id, units, terms: slot };
}

/** The resource of a slot; a slot without one cannot be (foreign key). */
export function resourceOf(context: Context, resourceId: string): Resource {
  const resource = context.catalogue.get(resourceId);
  if (!resource) throw new Error(`resource ${resourceId} is not in the catalogue`);
  return resource;
}

/** Joins touching or overlapping ranges, in order of start. */
export function joinRanges(ranges: readonly HalfOpen[]): HalfOpen[] {
  const joined: HalfOpen[] = [];
  for (const range of ranges.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const last = joined.at(-1);
    if (last && range.startsAt <= last.endsAt) last.endsAt = Math.max(last.endsAt, range.endsAt);
    else joined.push({ ...range });
  }
  return joined;
}

/** What the common fields of a draft follow from: its slots, in order of start. At least one slot. */
export function spanOf(slots: readonly Slot[]) {
  const first = slots[0];
  if (!first) throw new Error('a booking needs a slot');
  return {
    startsAt: first.startsAt,
    endsAt: slots.reduce((latest: Instant, slot) => Math.max(latest, slot.endsAt), first.endsAt),
    serviceDate: first.serviceDate,
    cancelUntil: first.cancelUntil,
    isProvisional: slots.some((slot) => slot.isProvisional),
  };
}
