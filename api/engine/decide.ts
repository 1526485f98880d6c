import { claimsOf, leavesOf, unitsOf } from './drafts.ts';
import { withPlaces } from './limits.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { AdmissionRequest, BookingDraft, Claim, Line, Refusal, Slot, SlotTerms } from './types.ts';

/** A request in a batch, with the ids that its bookings get if it is admitted. */
export type Candidate = AdmissionRequest & { bookingIds: readonly string[] };

/** Those who wait for the same of a batch's slots, and how often the one of them who was passed most has been passed. */
export type Queue = { slotIds: readonly number[]; bypassed: number };

/** What a batch is decided on: everything that was read under the slots' locks. */
export type Situation = {
  slots: ReadonlyMap<number, Slot>;
  allotments: readonly Allotment[];
  /** Live claims that overlap what the batch asks for. */
  claims: readonly (Claim & Holder)[];
  queues: readonly Queue[];
  /** Who is barred by what is on their record; left out when nobody is. */
  barred?: ReadonlyMap<Candidate, Refusal>;
  /** After so many bypasses the units of its slots are kept for a queue. */
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
    const barred = situation.barred?.get(candidate);
    if (barred) return { candidate, outcome: 'refused', refusal: barred };
    const units = unitsOf(candidate.drafts);
    const wrongState = refusalByState(candidate, units, situation.slots);
    if (wrongState) return { candidate, outcome: 'refused', refusal: wrongState };
    const limited = withPlaces(candidate.drafts, pool);
    if (!limited.ok) return { candidate, outcome: 'refused', refusal: limited };
    const clash = pool.clash(claimsOf(limited.drafts));
    if (clash) return { candidate, outcome: 'refused', refusal: overlapWith(candidate, clash.holder) };
    const full = pool.lacking(units, candidate.groups ?? [], candidate.at) ?? queues.blocked([...units.keys()]);
    if (full !== null) {
      if (candidate.waitlist) {
        queues.join([...units.keys()]);
        return { candidate, outcome: 'queued', refusal: null };
      }
      return { candidate, outcome: 'refused', refusal: { ok: false, problem: 'slot-full', slotId: full } };
    }
    const kept = keptForOthers(candidate, units, pool);
    if (kept) return { candidate, outcome: 'refused', refusal: kept };
    queues.pass([...units.keys()]);
    return { candidate, outcome: 'admitted', parts: take(candidate, limited.drafts, pool), refusal: null };
  });
}

/** How often each of the queues was passed by the admitted requests of a batch; those that were not are left out. */
export function bypassesOf(
  decisions: readonly Decision[],
  { queues }: Situation,
): { slotIds: readonly number[]; times: number }[] {
  return queues
    .map(({ slotIds }) => ({ slotIds, times: timesPassed(slotIds, decisions) }))
    .filter(({ times }) => times > 0);
}

/** How many of some decisions admitted somebody to one of these slots. */
export function timesPassed(slotIds: readonly number[], decisions: readonly Decision[]): number {
  return decisions.filter(
    ({ outcome, candidate }) => outcome === 'admitted' && isAnyOf(slotIds, [...unitsOf(candidate.drafts).keys()]),
  ).length;
}

function isAnyOf(slotIds: readonly number[], others: readonly number[]): boolean {
  return slotIds.some((slotId) => others.includes(slotId));
}

function take(candidate: Candidate, drafts: readonly BookingDraft[], pool: Pool): AdmittedPart[] {
  return drafts.map((draft, index) => {
    const bookingId = candidate.bookingIds[index] ?? '';
    pool.claim(draft.claims, { bookingId, personId: candidate.personId });
    return { draft, draws: pool.take(unitsOf([draft]), candidate.groups ?? [], candidate.at) };
  });
}

function refusalByState(
  candidate: Candidate,
  units: ReadonlyMap<number, number>,
  slots: ReadonlyMap<number, Slot>,
): Refusal | null {
  for (const slotId of units.keys()) {
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
  if (terms === undefined || slot === undefined) return false;
  return termNames.some((name) => terms[name] !== slot[name]) || isOther(terms, slot);
}

/** Whether a slot was edited and is something else now, e.g. a leg the other way round that takes as long. */
function isOther(terms: SlotTerms, { version, facts }: Slot): boolean {
  return terms.version !== version && JSON.stringify(terms.facts) !== JSON.stringify(facts);
}

const termNames = ['startsAt', 'endsAt', 'cancelUntil', 'priceFen', 'isProvisional'] as const;

/** Refuses what fits, but would not leave what it has to leave to others. */
function keptForOthers(candidate: Candidate, units: ReadonlyMap<number, number>, pool: Pool): Refusal | null {
  const leaves = leavesOf(candidate.drafts);
  if (leaves.size === 0) return null;
  const wanted = new Map([...units].map(([slotId, count]) => [slotId, count + (leaves.get(slotId)?.units ?? 0)]));
  const slotId = pool.lacking(wanted, candidate.groups ?? [], candidate.at);
  return slotId === null ? null : { ok: false, problem: 'rule', rule: leaves.get(slotId)?.rule ?? '', slotId };
}

/** The other booking is named to its owner only. */
function overlapWith(candidate: Candidate, holder: Holder | null): Refusal {
  const isOwn = holder !== null && holder.personId === candidate.personId;
  return { ok: false, problem: 'overlap', bookingId: isOwn ? holder.bookingId : null };
}

/** The queues of a batch's slots: a newcomer may pass those who wait for more than is free, but not for ever. */
class Queues {
  readonly #queues: Queue[];
  readonly #maxBypasses: number;

  constructor({ queues, maxBypasses }: Situation) {
    this.#queues = queues.map((queue) => ({ ...queue }));
    this.#maxBypasses = maxBypasses;
  }

  /** The first slot whose units are kept for a queue; null when there is none. */
  blocked(slotIds: readonly number[]): number | null {
    const kept = this.#queues.filter(({ bypassed }) => bypassed >= this.#maxBypasses);
    return slotIds.find((slotId) => kept.some((queue) => queue.slotIds.includes(slotId))) ?? null;
  }

  pass(slotIds: readonly number[]): void {
    for (const queue of this.#queues) if (isAnyOf(queue.slotIds, slotIds)) queue.bypassed += 1;
  }

  join(slotIds: readonly number[]): void {
    this.#queues.push({ slotIds, bypassed: 0 });
  }
}
