import { describe, expect, test } from 'vitest';
import { decideAlternatives, type AlternativesSituation, type Wanting } from './alternatives.ts';
import type { BookingDraft, Slot } from './types.ts';
import { engineSlot } from '../../tests/support/engine-slot.ts';

const minute = 60_000;
const at = 1_000 * minute;

const aSlot = (id: number, change: Partial<Slot> = {}): Slot =>
  engineSlot(id, {
    startsAt: at + 60 * minute,
    endsAt: at + 90 * minute,
    capacity: 2,
    closesAt: at + 55 * minute,
    cancelUntil: at + 30 * minute,
    ...change,
  });

function aDraft(slotId: number, units: number, who: string): BookingDraft {
  const during = { startsAt: at + 60 * minute, endsAt: at + 90 * minute };
  return {
    ...during,
    kind: 'shuttle',
    lines: [{ slotId, units }],
    claims: [{ claimantId: who, scope: 'ride', during }],
    priceFen: 0,
    serviceDate: '2026-11-24',
    cancelUntil: at + 30 * minute,
    isProvisional: false,
    details: {},
  };
}

/** Somebody who would take any of these slots instead, nearest first. */
function wanting(who: string, slotIds: readonly number[], units = 1): Wanting {
  const drafts = slotIds.map((slotId) => aDraft(slotId, units, who));
  return { bookingId: `booking of ${who}`, personId: who, alternatives: { drafts, offerMinutes: 15 } };
}

function held(people: readonly Wanting[], slots: readonly Slot[], more: Partial<AlternativesSituation> = {}) {
  const situation = { allotments: [], claims: [], queued: new Set<number>(), at, ...more };
  const decided = decideAlternatives(people, { slots: new Map(slots.map((slot) => [slot.id, slot])), ...situation });
  return new Map([...decided].map(([bookingId, { draft }]) => [bookingId.slice(11), draft.lines[0]?.slotId]));
}

describe('what is held for whoever gives way', () => {
  test('is the nearest that fits', () => {
    expect(held([wanting('wang', [1, 2])], [aSlot(1), aSlot(2)])).toEqual(new Map([['wang', 1]]));
    expect(held([wanting('wang', [1, 2])], [aSlot(1, { taken: 2 }), aSlot(2)])).toEqual(new Map([['wang', 2]]));
  });

  test('is all of it or nothing', () => {
    expect(held([wanting('wang', [1], 2)], [aSlot(1, { taken: 1 })])).toEqual(new Map());
  });

  test('is not what somebody before them was given', () => {
    const people = [wanting('wang', [1, 2]), wanting('lin', [1, 2]), wanting('chen', [1, 2])];
    const slots = [aSlot(1, { capacity: 1 }), aSlot(2, { capacity: 1 })];
    expect(held(people, slots)).toEqual(
      new Map([
        ['wang', 1],
        ['lin', 2],
      ]),
    );
  });

  test('is one thing at a time for the same claimant', () => {
    const twice = [wanting('wang', [1]), { ...wanting('wang', [2]), bookingId: 'booking of wang, too' }];
    expect(held(twice, [aSlot(1), aSlot(2)])).toEqual(new Map([['wang', 1]]));
  });

  test.each([
    ['closed', aSlot(1, { state: 'closed' })],
    ['not open yet', aSlot(1, { opensAt: at + 1 })],
    ['not open any more', aSlot(1, { closesAt: at })],
  ])('is nothing that is %s', (_name, slot) => {
    expect(held([wanting('wang', [1, 2])], [slot, aSlot(2)])).toEqual(new Map([['wang', 2]]));
  });

  test('is nothing of a slot that was not locked', () => {
    expect(held([wanting('wang', [1, 2])], [aSlot(2)])).toEqual(new Map([['wang', 2]]));
  });

  test('is nothing that others wait for, though there is enough of it', () => {
    expect(held([wanting('wang', [1, 2])], [aSlot(1), aSlot(2)], { queued: new Set([1]) })).toEqual(
      new Map([['wang', 2]]),
    );
  });

  test('is nothing at a time at which they are elsewhere', () => {
    const [claim] = aDraft(9, 1, 'wang').claims;
    const elsewhere = [{ ...claim!, bookingId: 'another', personId: 'wang' }];
    expect(held([wanting('wang', [1]), wanting('lin', [1])], [aSlot(1)], { claims: elsewhere })).toEqual(
      new Map([['lin', 1]]),
    );
  });

  test('is nothing that is kept for a group, until it is released', () => {
    const kept = (releaseAt: number) => [{ slotId: 1, organisationId: 'demo-ic', units: 2, taken: 0, releaseAt }];
    const people = [wanting('wang', [1])];
    expect(held(people, [aSlot(1)], { allotments: kept(at + 1) })).toEqual(new Map());
    expect(held(people, [aSlot(1)], { allotments: kept(at) })).toEqual(new Map([['wang', 1]]));
  });

  test('takes a place of a limit, if there is one left', () => {
    const during = { startsAt: at, endsAt: at + 200 * minute };
    const limit = { rule: 'one-a-day', personId: 'wang', scope: 'rides', max: 1, during };
    const [draft] = wanting('wang', [1]).alternatives.drafts;
    const limited = {
      ...wanting('wang', []),
      alternatives: { drafts: [{ ...draft!, limits: [limit] }], offerMinutes: 15 },
    };
    const place = { claimantId: 'wang', scope: 'rides#1', during };
    const slots = new Map([[1, aSlot(1)]]);
    const none = { slots, allotments: [], claims: [], queued: new Set<number>(), at };
    expect(decideAlternatives([limited], none).get('booking of wang')?.draft.claims).toContainEqual(place);
    const taken = [{ ...place, bookingId: 'another', personId: 'wang' }];
    expect(decideAlternatives([limited], { ...none, claims: taken })).toEqual(new Map());
  });
});

test('it is held as long as any offer of the service, but never past the moment when booking closes', () => {
  const decide = (closesAt: number) => {
    const slots = new Map([[1, aSlot(1, { closesAt })]]);
    const situation = { slots, allotments: [], claims: [], queued: new Set<number>(), at };
    return decideAlternatives([wanting('wang', [1])], situation).get('booking of wang');
  };
  expect(decide(at + 55 * minute)).toMatchObject({ until: at + 15 * minute, closesAt: at + 55 * minute });
  expect(decide(at + 5 * minute)).toMatchObject({ until: at + 5 * minute, closesAt: at + 5 * minute });
});
