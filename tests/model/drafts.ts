import type { Claim, World } from './world.ts';

export type WishKind = 'ride' | 'meal' | 'stay' | 'class';

/** What a wish takes of slots, and who is where meanwhile. */
export type Draft = {
  kind: WishKind;
  units: Record<string, number>;
  /** Who cannot be elsewhere, and the slots whose time they are busy for, in order of start. */
  who: string;
  during: readonly string[];
  claims: Claim[];
  startsAt: number;
  endsAt: number;
  cancelUntil: number;
  isProtected: boolean;
};

/** What a wish takes, by the rules of its service (docs/domain.md). */
export function draftOf(
  { slots }: World,
  wish: Pick<Draft, 'kind' | 'units' | 'who' | 'during'> & { isProtected?: boolean },
): Draft {
  const { kind, who } = wish;
  const during = wish.during.map((slot) => slots[slot]!);
  return {
    isProtected: false,
    ...wish,
    claims: during.map(({ startsAt, endsAt }) => ({ who, scope: kind, from: startsAt, to: endsAt })),
    startsAt: during[0]!.startsAt,
    endsAt: Math.max(...during.map(({ endsAt }) => endsAt)),
    cancelUntil: during[0]!.cancelUntil,
  };
}

/** How long an offer of a service is held, in minutes. */
export const offerMinutes: Record<WishKind, number> = { ride: 15, meal: 15, stay: 60, class: 24 * 60 };

/** Where else there is the same, nearest first, by the first letter or the name of the slots. */
const elsewhere: Record<string, readonly string[]> = {
  a: ['b', 'c'],
  b: ['a', 'c'],
  c: ['a', 'b'],
  w1: ['w2'],
  w2: ['w1'],
  n: ['m'],
  m: ['n'],
  x: ['y'],
  y: ['x'],
};

/** What is offered instead of a booking that gives way, nearest first: all of what is still ahead of it, somewhere else. */
export function draftsInstead(world: World, { kind, units, who, during }: Draft, now: number): Draft[] {
  const ahead = (slot: string) => world.slots[slot]!.endsAt > now;
  const place = Object.keys(elsewhere).find((key) => during[0]!.startsWith(key))!;
  return elsewhere[place]!.map((other) => {
    const moved = (slot: string) => (slot.startsWith(place) ? other + slot.slice(place.length) : slot);
    return draftOf(world, {
      kind,
      who,
      units: Object.fromEntries(
        Object.entries(units).flatMap(([slot, count]) => (ahead(slot) ? [[moved(slot), count]] : [])),
      ),
      during: during.filter(ahead).map(moved),
    });
  });
}
