import type { Instant } from '../calendar/time.ts';
import { claimsOf, unitsOf } from './drafts.ts';
import { withPlaces } from './limits.ts';
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
  /** The slots whose queues are served; somebody who waits for none of them keeps their place before others. Left out for all. */
  servedSlots?: ReadonlySet<number>;
  /** After so many bypasses nobody behind an entry is served before it. */
  maxBypasses: number;
};

/** An entry that is served: the bookings of its choice, each with what it draws from allotments. */
export type Promotion<Entry extends WaitingEntry = WaitingEntry> = {
  entry: Entry;
  parts: readonly { draft: BookingDraft; draws: readonly Draw[] }[];
};

export type QueueDecision<Entry extends WaitingEntry = WaitingEntry> = {
  promotions: Promotion<Entry>[];
  /** How often each entry that still waits was passed in this round. */
  passed: Map<number, number>;
};

/**
 * Serves a queue in order of arrival. An entry gets all of a choice or nothing, the first choice that fits. One that does not fit
 * lets others pass, but only `maxBypasses` times: then its slots are kept for it, so that a party is not starved by singles (domain.md,
 * Waiting lists). Nothing is offered of a slot that has closed. Pure.
 */
export function decideQueue<Entry extends WaitingEntry>(
  entries: readonly Entry[],
  situation: QueueSituation,
): QueueDecision<Entry> {
  const pool = new Pool(situation.slots.values(), situation.allotments, situation.claims);
  const waitingAhead: WaitingEntry[] = [];
  const decision: QueueDecision<Entry> = { promotions: [], passed: new Map() };
  const bypassesOf = ({ id, bypassed }: WaitingEntry): number => bypassed + (decision.passed.get(id) ?? 0);

  for (const entry of entries.toSorted((a, b) => a.id - b.id)) {
    // Somebody who is booked elsewhere at that time could not take it anyhow, and holds nobody up.
    const possible = entry.choices
      .filter((drafts) => isOnOffer(drafts, situation))
      .map((drafts) => withPlaces(drafts, pool))
      .flatMap((limited) => (limited.ok && pool.clash(claimsOf(limited.drafts)) === null ? [limited.drafts] : []));
    const choice = possible.find(
      (drafts) =>
        isServed(entry, situation) &&
        pool.lacking(unitsOf(drafts), entry.groups, situation.at) === null &&
        entriesPassedBy(drafts, waitingAhead).every((ahead) => bypassesOf(ahead) < situation.maxBypasses),
    );
    if (choice) {
      for (const ahead of entriesPassedBy(choice, waitingAhead)) {
        decision.passed.set(ahead.id, (decision.passed.get(ahead.id) ?? 0) + 1);
      }
      pool.claim(claimsOf(choice), { bookingId: '', personId: entry.personId });
      const parts = choice.map((draft) => ({ draft, draws: pool.take(unitsOf([draft]), entry.groups, situation.at) }));
      decision.promotions.push({ entry, parts });
    } else if (possible.length > 0) {
      waitingAhead.push(entry);
    }
  }
  return decision;
}

function isServed({ choices }: WaitingEntry, { servedSlots }: QueueSituation): boolean {
  return (
    !servedSlots || choices.some((drafts) => [...unitsOf(drafts).keys()].some((slotId) => servedSlots.has(slotId)))
  );
}

/** Whether every slot of a choice is locked, open for booking and not over. */
export function isOnOffer(
  drafts: readonly BookingDraft[],
  { slots, at }: Pick<QueueSituation, 'slots' | 'at'>,
): boolean {
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
