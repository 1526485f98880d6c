import type { HalfOpen, IsoDate } from '../../../calendar/time.ts';
import type { Slot } from '../../../engine/types.ts';
import type { PublishedSlot } from '../../service.ts';

/** A night that keeps its times and price under new terms, and why. */
export type KeptNight = { serviceDate: IsoDate; booked: number; why: 'booked' | 'waiting' | 'neighbour' };

/** What becomes of the nights of an agreement under new terms. */
export type RenewalPlan = {
  renewed: { slot: Slot; draft: PublishedSlot }[];
  published: PublishedSlot[];
  kept: KeptNight[];
};

/** The nights as they are, and what the new terms call for; one slot per service date. */
export type Nights = {
  slots: readonly Slot[];
  drafts: ReadonlyMap<IsoDate, PublishedSlot>;
  /** Slots that somebody waits for. */
  waitedFor: ReadonlySet<number>;
  /** Nights that stay whatever the terms say: those before, and the one that is under way. */
  fixed: readonly HalfOpen[];
};

/**
 * Decides which nights get the new times and price: those that nobody has booked and nobody waits for. A new time that would run into a
 * night that keeps its own waits for another year: else two cars would have one space for an hour, and one driver two nights at once.
 */
export function planRenewal({ slots, drafts, waitedFor, fixed }: Nights): RenewalPlan {
  const slotOn = new Map(slots.map((slot) => [slot.serviceDate, slot]));
  const kept = new Map<IsoDate, KeptNight>();
  const obstacles: HalfOpen[] = [...fixed];
  for (const slot of slots) {
    const why = slot.taken > 0 ? 'booked' : waitedFor.has(slot.id) ? 'waiting' : null;
    const draft = drafts.get(slot.serviceDate);
    // What is not lent any more is closed already, and in nobody's way.
    if (slot.state === 'closed' || (draft === undefined && why === null)) continue;
    if (why === null) continue;
    obstacles.push(slot);
    if (draft === undefined || differs(slot, draft))
      kept.set(slot.serviceDate, { serviceDate: slot.serviceDate, booked: slot.taken, why });
  }
  const open = new Map([...drafts].filter(([date]) => !isHeld(slotOn.get(date), waitedFor)));
  for (let found = inTheWay(open, obstacles); found !== null; found = inTheWay(open, obstacles)) {
    const slot = slotOn.get(found);
    open.delete(found);
    kept.set(found, { serviceDate: found, booked: slot?.taken ?? 0, why: 'neighbour' });
    if (slot && slot.state === 'active') obstacles.push(slot);
  }
  const changed = [...open].flatMap(([date, draft]) => {
    const slot = slotOn.get(date);
    return slot && differs(slot, draft) ? [{ slot, draft }] : [];
  });
  return {
    renewed: changed,
    published: [...open].flatMap(([date, draft]) => (slotOn.has(date) ? [] : [draft])),
    kept: [...kept.values()].toSorted((a, b) => (a.serviceDate < b.serviceDate ? -1 : 1)),
  };
}

const isHeld = (slot: Slot | undefined, waitedFor: ReadonlySet<number>): boolean =>
  slot !== undefined && (slot.taken > 0 || waitedFor.has(slot.id));

/** The first date whose new time would run into something that stays. */
function inTheWay(open: ReadonlyMap<IsoDate, PublishedSlot>, obstacles: readonly HalfOpen[]): IsoDate | null {
  for (const [date, draft] of open)
    if (obstacles.some((other) => other.startsAt < draft.endsAt && draft.startsAt < other.endsAt)) return date;
  return null;
}

const termsOfSlot = [
  'startsAt',
  'endsAt',
  'opensAt',
  'closesAt',
  'cancelUntil',
  'priceFen',
  'isProvisional',
] as const satisfies (keyof Slot)[];

function differs(slot: Slot, draft: PublishedSlot): boolean {
  return (
    termsOfSlot.some((term) => slot[term] !== draft[term]) || JSON.stringify(slot.facts) !== JSON.stringify(draft.facts)
  );
}
