import type { AdmissionRequest, Claim, Line, Refusal, Slot } from './types.ts';

/** A request in a batch, with the ids that its bookings get if it is admitted. */
export type Candidate = AdmissionRequest & { bookingIds: readonly string[] };

/** What a batch is decided on: everything that was read under the slots' locks. */
export type Situation = {
  slots: ReadonlyMap<number, Slot>;
  /** Candidates that a live claim of their claimants stands in the way of, with the booking that holds it. */
  blocked: ReadonlyMap<Candidate, { bookingId: string; personId: string }>;
};

export type Decision = { candidate: Candidate; refusal: Refusal | null };

/**
 * Decides a batch in arrival order: a request gets all of its units and claims, or is refused with the first reason. Pure: no
 * clock, no database. What a refused request did not take is there for the next one (engine.md, Admission).
 */
export function decide(candidates: readonly Candidate[], situation: Situation): Decision[] {
  const taking = new Taking(situation.slots);
  return candidates.map((candidate) => {
    const refusal =
      refusalByState(candidate, situation.slots) ??
      refusalByHeldClaims(candidate, situation) ??
      taking.refusalByClaims(candidate) ??
      taking.refusalByUnits(candidate);
    if (!refusal) taking.take(candidate);
    return { candidate, refusal };
  });
}

/** Units that a request needs of each slot, over all parts of a day plan. */
export function unitsBySlot(request: AdmissionRequest): Map<number, number> {
  const units = new Map<number, number>();
  for (const line of linesOf(request)) units.set(line.slotId, (units.get(line.slotId) ?? 0) + line.units);
  return units;
}

function refusalByState(candidate: Candidate, slots: ReadonlyMap<number, Slot>): Refusal | null {
  for (const { slotId } of linesOf(candidate)) {
    const slot = slots.get(slotId);
    if (!slot) return { ok: false, problem: 'unknown-slot', slotId };
    if (slot.state === 'closed') return { ok: false, problem: 'rule', rule: 'slot-closed', slotId };
    if (candidate.at < slot.opensAt) return { ok: false, problem: 'rule', rule: 'not-yet-open', slotId };
    if (candidate.at >= slot.closesAt) return { ok: false, problem: 'rule', rule: 'booking-closed', slotId };
  }
  return null;
}

function refusalByHeldClaims(candidate: Candidate, situation: Situation): Refusal | null {
  const holder = situation.blocked.get(candidate);
  return holder ? overlapWith(candidate, holder) : null;
}

/** The other booking is named to its owner only. */
function overlapWith(candidate: Candidate, holder: { bookingId: string; personId: string }): Refusal {
  return { ok: false, problem: 'overlap', bookingId: holder.personId === candidate.personId ? holder.bookingId : null };
}

type TakenClaim = Claim & { bookingId: string; personId: string };

/** What the batch has taken so far. */
class Taking {
  readonly #free = new Map<number, number>();
  readonly #claims = new Map<string, TakenClaim[]>();

  constructor(slots: ReadonlyMap<number, Slot>) {
    for (const slot of slots.values()) this.#free.set(slot.id, slot.capacity - slot.taken);
  }

  refusalByClaims(candidate: Candidate): Refusal | null {
    const wanted = claimsOf(candidate);
    for (const [index, claim] of wanted.entries()) {
      if (wanted.slice(0, index).some((other) => overlaps(claim, other))) {
        return { ok: false, problem: 'overlap', bookingId: null };
      }
      const holder = this.#claims.get(claim.claimantId)?.find((other) => overlaps(claim, other));
      if (holder) return overlapWith(candidate, holder);
    }
    return null;
  }

  refusalByUnits(candidate: Candidate): Refusal | null {
    for (const [slotId, units] of unitsBySlot(candidate)) {
      if ((this.#free.get(slotId) ?? 0) < units) return { ok: false, problem: 'slot-full', slotId };
    }
    return null;
  }

  take(candidate: Candidate): void {
    for (const [slotId, units] of unitsBySlot(candidate)) this.#free.set(slotId, (this.#free.get(slotId) ?? 0) - units);
    for (const claim of claimsOf(candidate)) {
      const ofClaimant = this.#claims.get(claim.claimantId);
      if (ofClaimant) ofClaimant.push(claim);
      else this.#claims.set(claim.claimantId, [claim]);
    }
  }
}

function overlaps(one: Claim, other: Claim): boolean {
  return (
    one.claimantId === other.claimantId &&
    one.scope === other.scope &&
    one.during.startsAt < other.during.endsAt &&
    other.during.startsAt < one.during.endsAt
  );
}

function claimsOf(candidate: Candidate): TakenClaim[] {
  return candidate.drafts.flatMap((draft, index) =>
    draft.claims.map((claim) => ({
      ...claim,
      bookingId: candidate.bookingIds[index] ?? '',
      personId: candidate.personId,
    })),
  );
}

function linesOf(request: AdmissionRequest): Line[] {
  return request.drafts.flatMap((draft) => draft.lines);
}
