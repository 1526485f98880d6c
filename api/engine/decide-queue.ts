import type { Instant } from '../calendar/time.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { BookingDraft, Claim, Slot } from './types.ts';

/** Somebody who waits. `id` is the order of arrival; each choice is a set of bookings that would do. */
export type WaitingEntry = {
  id: number;
  personId: string;
  /** Organisations whose allotments the person may draw on. */
  groups: readonly string[];
  /** How often somebody behind this entry was served from a slot that it waits for. */
  bypassed: number;
  choices: readonly (readonly BookingDraft[])[];
};

/** What a queue is decided on: everything that was read under the slots' locks. */
export type QueueSituation = {
  /** The slots that are locked; a choice that needs another one is left for a later round. */
  slots: ReadonlyMap<number, Slot>;
  allotments: readonly Allotment[];
  /** Live claims of the claimants of those who wait. */
  claims: readonly (Claim & Holder)[];
  at: Instant;
  /** After so many bypasses nobody behind an entry is served before it. */
  maxBypasses: number;
};

export type Promotion = { entry: WaitingEntry; drafts: readonly BookingDraft[]; draws: readonly Draw[] };

export type QueueDecision = {
  promotions: Promotion[];
  /** How often each entry that still waits was passed in this round. */
  passed: Map<number, number>;
};

/**
 * Serves a queue in order of arrival. An entry gets all of a choice or nothing, the first choice that fits. One that does not fit
 * lets others pass, but only `maxBypasses` times: then its slots are kept for it, so that a party is not starved by singles (domain.md,
 * Waiting lists). Nothing is offered of a slot that has closed. Pure.
 */
export function decideQueue(entries: readonly WaitingEntry[], situation: QueueSituation): QueueDecision {
  const pool = new Pool(situation.slots.values(), situation.allotments, situation.claims);
  const waitingAhead: WaitingEntry[] = [];
  const decision: QueueDecision = { promotions: [], passed: new Map() };
  const bypassesOf = ({ id, bypassed }: WaitingEntry): number => bypassed + (decision.passed.get(id) ?? 0);

  for (const entry of entries.toSorted((a, b) => a.id - b.id)) {
    const open = entry.choices.filter((drafts) => isOnOffer(drafts, situation));
    const choice = open.find((drafts) => {
      if (pool.lacking(unitsOf(drafts), entry.groups, situation.at) !== null) return false;
      if (pool.clash(claimsOf(drafts)) !== null) return false;
      return entriesPassedBy(drafts, waitingAhead).every((ahead) => bypassesOf(ahead) < situation.maxBypasses);
    });
    if (choice) {
      for (const ahead of entriesPassedBy(choice, waitingAhead)) {
        decision.passed.set(ahead.id, (decision.passed.get(ahead.id) ?? 0) + 1);
      }
      const draws = pool.take(unitsOf(choice), entry.groups, situation.at);
      pool.claim(claimsOf(choice), { bookingId: '', personId: entry.personId });
      decision.promotions.push({ entry, drafts: choice, draws });
    } else if (open.some((drafts) => pool.clash(claimsOf(drafts)) === null)) {
      // Somebody who is booked elsewhere at that time could not take it anyhow, and holds nobody up.
      waitingAhead.push(entry);
    }
  }
  return decision;
}

/** Whether every slot of a choice is locked, open for booking and not over. */
function isOnOffer(drafts: readonly BookingDraft[], { slots, at }: QueueSituation): boolean {
  return [...unitsOf(drafts).keys()].every((slotId) => {
    const slot = slots.get(slotId);
    return slot !== undefined && slot.state === 'active' && at >= slot.opensAt && at < slot.closesAt;
  });
}

/** Those ahead who wait for one of the same slots. */
function entriesPassedBy(drafts: readonly BookingDraft[], waitingAhead: readonly WaitingEntry[]): WaitingEntry[] {
  const taken = unitsOf(drafts);
  return waitingAhead.filter(({ choices }) =>
    choices.some((wanted) => [...unitsOf(wanted).keys()].some((slotId) => taken.has(slotId))),
  );
}

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
