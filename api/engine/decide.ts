import { claimsOf, unitsOf } from './drafts.ts';
import { withPlaces } from './limits.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { AdmissionRequest, BookingDraft, Claim, Line, Refusal, Slot } from './types.ts';

/** A request in a batch, with the ids that its bookings get if it is admitted. */
export type Candidate = AdmissionRequest & { bookingIds: readonly string[] };

/** What a batch is decided on: everything that was read under the slots' locks. */
export type Situation = {
  slots: ReadonlyMap<number, Slot>;
  allotments: readonly Allotment[];
  /** Live claims that overlap what the batch asks for. */
  claims: readonly (Claim & Holder)[];
  /** Slots that somebody waits for, with how often the one who was passed most has been passed. */
  queues: ReadonlyMap<number, number>;
  /** After so many bypasses a slot's units are kept for its queue. */
  maxBypasses: number;
};

export type Decision =
  | { candidate: Candidate; outcome: 'admitted'; parts: AdmittedPart[]; refusal: null }
  | { candidate: Candidate; outcome: 'queued'; refusal: null }
  | { candidate: Candidate; outcome: 'refused'; refusal: Refusal };

/** One booking of an admitted request: its draft with the places that it takes of limits, and what it draws from allotments. */
export type AdmittedPart = { draft: BookingDraft; draws: readonly Draw[] };

/**
 * Decides a batch in arrival order: a request gets all of its units and claims, or is refused with the first reason, or waits in
 * line if it said so. Pure: no clock, no database. What a refused request did not take is there for the next one (engine.md, Admission).
 */
export function decide(candidates: readonly Candidate[], situation: Situation): Decision[] {
  const pool = new Pool(situation.slots.values(), situation.allotments, situation.claims);
  const queues = new Queues(situation);
  return candidates.map((candidate): Decision => {
    const wrongState = refusalByState(candidate, situation.slots);
    if (wrongState) return { candidate, outcome: 'refused', refusal: wrongState };
    const limited = withPlaces(candidate.drafts, pool);
    if (!limited.ok) return { candidate, outcome: 'refused', refusal: limited };
    const clash = pool.clash(claimsOf(limited.drafts));
    if (clash) return { candidate, outcome: 'refused', refusal: overlapWith(candidate, clash.holder) };
    const units = unitsOf(candidate.drafts);
    const full = pool.lacking(units, candidate.groups ?? [], candidate.at) ?? queues.blocked(units.keys());
    if (full !== null) {
      if (candidate.waitlist) {
        queues.join(units.keys());
        return { candidate, outcome: 'queued', refusal: null };
      }
      return { candidate, outcome: 'refused', refusal: { ok: false, problem: 'slot-full', slotId: full } };
    }
    queues.pass(units.keys());
    return { candidate, outcome: 'admitted', parts: take(candidate, limited.drafts, pool), refusal: null };
  });
}

/** How often each queue was passed by the admitted requests of a batch, by slot. */
export function bypassesOf(decisions: readonly Decision[], { queues }: Situation): Map<number, number> {
  const bypasses = new Map<number, number>();
  for (const decision of decisions) {
    if (decision.outcome !== 'admitted') continue;
    for (const slotId of unitsOf(decision.candidate.drafts).keys()) {
      if (queues.has(slotId)) bypasses.set(slotId, (bypasses.get(slotId) ?? 0) + 1);
    }
  }
  return bypasses;
}

function take(candidate: Candidate, drafts: readonly BookingDraft[], pool: Pool): AdmittedPart[] {
  return drafts.map((draft, index) => {
    const bookingId = candidate.bookingIds[index] ?? '';
    pool.claim(draft.claims, { bookingId, personId: candidate.personId });
    return { draft, draws: pool.take(unitsOf([draft]), candidate.groups ?? [], candidate.at) };
  });
}

function refusalByState(candidate: Candidate, slots: ReadonlyMap<number, Slot>): Refusal | null {
  for (const slotId of unitsOf(candidate.drafts).keys()) {
    const slot = slots.get(slotId);
    if (!slot) return { ok: false, problem: 'unknown-slot', slotId };
    if (slot.state === 'closed') return { ok: false, problem: 'rule', rule: 'slot-closed', slotId };
    if (candidate.at < slot.opensAt) return { ok: false, problem: 'rule', rule: 'not-yet-open', slotId };
    if (candidate.at >= slot.closesAt) return { ok: false, problem: 'rule', rule: 'booking-closed', slotId };
  }
  const stale = candidate.drafts.flatMap(({ lines }) => lines).find((line) => isStale(line, slots));
  return stale ? { ok: false, problem: 'stale-draft', slotId: stale.slotId } : null;
}

/** Whether a slot's terms have changed since a line was drafted from them; capacity and units taken are none. */
function isStale({ slotId, terms }: Line, slots: ReadonlyMap<number, Slot>): boolean {
  const slot = slots.get(slotId);
  return terms !== undefined && slot !== undefined && termNames.some((name) => terms[name] !== slot[name]);
}

const termNames = ['startsAt', 'endsAt', 'cancelUntil', 'priceFen', 'isProvisional'] as const;

/** The other booking is named to its owner only. */
function overlapWith(candidate: Candidate, holder: Holder | null): Refusal {
  const isOwn = holder !== null && holder.personId === candidate.personId;
  return { ok: false, problem: 'overlap', bookingId: isOwn ? holder.bookingId : null };
}

/** The queues of a batch's slots: a newcomer may pass those who wait for more than is free, but not for ever. */
class Queues {
  readonly #bypasses: Map<number, number>;
  readonly #maxBypasses: number;

  constructor({ queues, maxBypasses }: Situation) {
    this.#bypasses = new Map(queues);
    this.#maxBypasses = maxBypasses;
  }

  /** The first slot whose units are kept for its queue; null when there is none. */
  blocked(slotIds: Iterable<number>): number | null {
    for (const slotId of slotIds) if ((this.#bypasses.get(slotId) ?? -1) >= this.#maxBypasses) return slotId;
    return null;
  }

  pass(slotIds: Iterable<number>): void {
    for (const slotId of slotIds) {
      const bypasses = this.#bypasses.get(slotId);
      if (bypasses !== undefined) this.#bypasses.set(slotId, bypasses + 1);
    }
  }

  join(slotIds: Iterable<number>): void {
    for (const slotId of slotIds) if (!this.#bypasses.has(slotId)) this.#bypasses.set(slotId, 0);
  }
}
