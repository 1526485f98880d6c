import { describe, expect, test } from 'vitest';
import { decideRestored, type Alternative, type Restorable, type RestoreSituation } from './restore.ts';
import type { Slot } from './types.ts';
import { engineSlot } from '../../tests/support/engine-slot.ts';

const at = 1_000;

const aSlot = (id: number, change: Partial<Slot> = {}): Slot => engineSlot(id, { capacity: 2, ...change });

const ride = (who: string, startsAt = 2_000, endsAt = 3_000) => ({
  claimantId: who,
  scope: 'ride',
  during: { startsAt, endsAt },
});

/** What somebody had of slot 1. */
function lost(who: string, change: Partial<Restorable> = {}): Restorable {
  return {
    bookingId: `${who}'s`,
    personId: who,
    state: 'displaced',
    startsAt: 2_000,
    lines: [{ slotId: 1, units: 1 }],
    claims: [ride(who)],
    draws: [],
    alternative: null,
    ...change,
  };
}

/** What is offered of a slot instead. */
function instead(who: string, slotId: number, state: Alternative['state'] = 'offered'): Alternative {
  if (state === 'waiting') return { entryId: 7, state, bookingId: null, lines: [] };
  return { entryId: 7, state, bookingId: `${who}'s other`, lines: [{ slotId, units: 1 }] };
}

const heldBy = (who: string, startsAt?: number, endsAt?: number) => ({
  ...ride(who, startsAt, endsAt),
  bookingId: `${who}'s other`,
  personId: who,
});

function decide(bookings: readonly Restorable[], slots: readonly Slot[], more: Partial<RestoreSituation> = {}) {
  const situation = { allotments: [], claims: [], at, ...more };
  const decision = decideRestored(bookings, { slots: new Map(slots.map((slot) => [slot.id, slot])), ...situation });
  return {
    back: decision.restored.map(({ booking }) => booking.personId),
    away: decision.notRestored.map(({ bookingId, why }) => `${bookingId}: ${why}`),
    draws: decision.restored.flatMap(({ draws }) => draws),
  };
}

describe('a booking comes back', () => {
  test('while there are units of it, in the order that is given', () => {
    const people = [lost('wang'), lost('lin'), lost('chen')];
    expect(decide(people, [aSlot(1, { taken: 0 })])).toMatchObject({ back: ['wang', 'lin'], away: ["chen's: full"] });
  });

  test('whole or not at all', () => {
    const both = lost('wang', { lines: [1, 2].map((slotId) => ({ slotId, units: 1 })) });
    const slots = [aSlot(1, { capacity: 1 }), aSlot(2, { taken: 2 })];
    expect(decide([both, lost('lin')], slots)).toMatchObject({ back: ['lin'], away: ["wang's: full"] });
  });

  test('for what is offered instead, whose units are free for those after it', () => {
    const first = lost('wang', { alternative: instead('wang', 2) });
    const second = lost('lin', { lines: [{ slotId: 2, units: 1 }] });
    const slots = [aSlot(1), aSlot(2, { capacity: 1, taken: 1 })];
    const claims = [heldBy('wang')];
    expect(decide([first, second], slots, { claims })).toMatchObject({ back: ['wang', 'lin'], away: [] });
  });

  test('but keeps what is offered instead if it cannot', () => {
    const first = lost('wang', { alternative: instead('wang', 2) });
    const second = lost('lin', { lines: [{ slotId: 2, units: 1 }] });
    const slots = [aSlot(1, { capacity: 0 }), aSlot(2, { capacity: 1, taken: 1 })];
    expect(decide([first, second], slots).away).toEqual(["wang's: full", "lin's: full"]);
  });

  test('if what was offered instead had to give way as well', () => {
    const waiting = lost('wang', { alternative: instead('wang', 2, 'waiting') });
    expect(decide([waiting], [aSlot(1)])).toMatchObject({ back: ['wang'], away: [] });
  });
});

describe('it does not come back', () => {
  test.each([
    ['accepted-alternative', lost('wang', { alternative: instead('wang', 2, 'accepted') }), aSlot(1)],
    ['ended', lost('wang', { state: 'cancelled' }), aSlot(1)],
    ['begun', lost('wang', { startsAt: at }), aSlot(1)],
    ['closed', lost('wang'), aSlot(1, { state: 'closed' })],
    ['full', lost('wang'), aSlot(1, { taken: 2 })],
  ])('because of %s', (why, booking, slot) => {
    expect(decide([booking], [slot])).toMatchObject({ back: [], away: [`wang's: ${why}`] });
  });

  test('while its claimant is elsewhere at that time', () => {
    expect(decide([lost('wang')], [aSlot(1)], { claims: [heldBy('wang')] }).away).toEqual(["wang's: overlap"]);
    expect(decide([lost('wang')], [aSlot(1)], { claims: [heldBy('wang', 3_000, 4_000)] }).away).toEqual([]);
    expect(decide([lost('wang')], [aSlot(1)], { claims: [heldBy('lin')] }).away).toEqual([]);
  });

  test('at the same time as another of the same claimant that came back before it', () => {
    const other = { ...lost('wang'), bookingId: "wang's second" };
    expect(decide([lost('wang'), other], [aSlot(1)]).away).toEqual(["wang's second: overlap"]);
  });
});

test('what was given up for a booking is in nobody’s way any more', () => {
  const early = lost('wang', { claims: [ride('wang', 2_000, 2_500)], alternative: instead('wang', 2) });
  const late = { ...lost('wang', { claims: [ride('wang', 2_500, 3_000)] }), bookingId: "wang's second" };
  const claims = [heldBy('wang', 2_400, 2_900)];
  expect(decide([early, late], [aSlot(1)], { claims })).toMatchObject({ back: ['wang', 'wang'], away: [] });
});

describe('units that are kept for a group', () => {
  const kept = [{ slotId: 1, organisationId: 'demo-ic', units: 1, taken: 0, releaseAt: 2_000 }];
  const drew = [{ slotId: 1, organisationId: 'demo-ic', units: 1 }];

  test('are drawn again by who had drawn them', () => {
    const decided = decide([lost('wang', { draws: drew })], [aSlot(1, { capacity: 1 })], { allotments: kept });
    expect(decided).toMatchObject({ back: ['wang'], draws: drew });
  });

  test('are not there for anybody else, until they are released', () => {
    const slots = [aSlot(1, { capacity: 1 })];
    expect(decide([lost('wang')], slots, { allotments: kept }).away).toEqual(["wang's: full"]);
    const released = [{ ...kept[0]!, releaseAt: at }];
    expect(decide([lost('wang', { draws: drew })], slots, { allotments: released })).toMatchObject({
      back: ['wang'],
      draws: [],
    });
  });
});
