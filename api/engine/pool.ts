import type { Instant } from '../calendar/time.ts';
import type { Claim, Slot } from './types.ts';

/** Units of a slot that are kept for a group until `releaseAt`; `taken` of them are gone. */
export type Allotment = { slotId: number; organisationId: string; units: number; taken: number; releaseAt: Instant };

/** Who holds a claim. */
export type Holder = { bookingId: string; personId: string };

/** How many units of one slot a request takes from a group's allotment; the rest comes from what everybody may have. */
export type Draw = { slotId: number; organisationId: string; units: number };

/**
 * What is free while a batch or a queue is decided: units per slot, less what is kept for other groups, and the claims that were made so
 * far. Pure bookkeeping in memory; the database's locks and constraints stand behind it.
 */
export class Pool {
  readonly #free = new Map<number, number>();
  readonly #allotments = new Map<number, Allotment[]>();
  readonly #claims = new Map<string, (Claim & Holder)[]>();

  constructor(slots: Iterable<Slot>, allotments: Iterable<Allotment> = [], claims: Iterable<Claim & Holder> = []) {
    for (const slot of slots) this.#free.set(slot.id, slot.capacity - slot.taken);
    for (const allotment of allotments) push(this.#allotments, allotment.slotId, { ...allotment });
    for (const claim of claims) push(this.#claims, claim.claimantId, claim);
  }

  /** The first slot that has too few units for these groups at this instant; null when all of them fit. */
  lacking(units: ReadonlyMap<number, number>, groups: readonly string[], at: Instant): number | null {
    for (const [slotId, wanted] of units) if (this.#available(slotId, groups, at) < wanted) return slotId;
    return null;
  }

  /** Takes units that fit: from the groups' allotments first, so that everybody else keeps the most. */
  take(units: ReadonlyMap<number, number>, groups: readonly string[], at: Instant): Draw[] {
    const draws: Draw[] = [];
    for (const [slotId, wanted] of units) {
      this.#free.set(slotId, (this.#free.get(slotId) ?? 0) - wanted);
      let left = wanted;
      for (const allotment of this.#kept(slotId, at)) {
        const drawn = groups.includes(allotment.organisationId) ? Math.min(left, allotment.units - allotment.taken) : 0;
        if (drawn === 0) continue;
        allotment.taken += drawn;
        left -= drawn;
        draws.push({ slotId, organisationId: allotment.organisationId, units: drawn });
      }
    }
    return draws;
  }

  /** Gives units back that were taken from what everybody may have. */
  give(units: ReadonlyMap<number, number>): void {
    for (const [slotId, count] of units) this.#free.set(slotId, (this.#free.get(slotId) ?? 0) + count);
  }

  /** Who stands in the way of some claims; null when nobody does. Claims that overlap one another stand in their own way. */
  clash(claims: readonly Claim[]): { holder: Holder | null } | null {
    for (const [index, claim] of claims.entries()) {
      if (claims.slice(0, index).some((other) => overlaps(claim, other))) return { holder: null };
      const holder = this.#claims.get(claim.claimantId)?.find((other) => overlaps(claim, other));
      if (holder) return { holder };
    }
    return null;
  }

  claim(claims: readonly Claim[], holder: Holder): void {
    for (const claim of claims) push(this.#claims, claim.claimantId, { ...claim, ...holder });
  }

  #available(slotId: number, groups: readonly string[], at: Instant): number {
    const keptForOthers = this.#kept(slotId, at)
      .filter(({ organisationId }) => !groups.includes(organisationId))
      .reduce((sum, { units, taken }) => sum + units - taken, 0);
    return (this.#free.get(slotId) ?? 0) - keptForOthers;
  }

  #kept(slotId: number, at: Instant): Allotment[] {
    return (this.#allotments.get(slotId) ?? []).filter(({ releaseAt }) => at < releaseAt);
  }
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function overlaps(one: Claim, other: Claim): boolean {
  return (
    one.claimantId === other.claimantId &&
    one.scope === other.scope &&
    one.during.startsAt < other.during.endsAt &&
    other.during.startsAt < one.during.endsAt
  );
}
