import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideQueue, type QueueSituation, type WaitingEntry } from './decide-queue.ts';
import { unitsOf } from './drafts.ts';
import type { BookingDraft, Slot } from './types.ts';
import { engineSlot } from '../../tests/support/engine-slot.ts';

const at = 1_000_000;
const maxBypasses = 2;

const aSlot = (id: number, capacity: number, change: Partial<Slot> = {}): Slot =>
  engineSlot(id, {
    startsAt: at + 100,
    endsAt: at + 200,
    closesAt: at + 50,
    cancelUntil: at + 50,
    capacity,
    ...change,
  });

function aDraft(units: Record<number, number>, claimantId?: string): BookingDraft {
  return {
    kind: 'shuttle',
    lines: Object.entries(units).map(([slotId, count]) => ({ slotId: Number(slotId), units: count })),
    claims: claimantId ? [{ claimantId, scope: 'ride', during: { startsAt: at + 100, endsAt: at + 200 } }] : [],
    priceFen: 0,
    startsAt: at + 100,
    endsAt: at + 200,
    serviceDate: '2026-11-24',
    cancelUntil: at + 50,
    isProvisional: false,
    details: {},
  };
}

function anEntry(id: number, units: Record<number, number>, change: Partial<WaitingEntry> = {}): WaitingEntry {
  return { id, personId: `person-${id}`, groups: [], bypassed: 0, choices: [[aDraft(units)]], ...change };
}

function aSituation(slots: Slot[], change: Partial<QueueSituation> = {}): QueueSituation {
  return {
    slots: new Map(slots.map((slot) => [slot.id, slot])),
    allotments: [],
    claims: [],
    at,
    maxBypasses,
    ...change,
  };
}

const served = (entries: WaitingEntry[], situation: QueueSituation): number[] =>
  decideQueue(entries, situation).promotions.map(({ entry }) => entry.id);

describe('a queue', () => {
  test('is served in order of arrival', () => {
    expect(
      served([anEntry(2, { 1: 1 }), anEntry(1, { 1: 1 }), anEntry(3, { 1: 1 })], aSituation([aSlot(1, 2)])),
    ).toEqual([1, 2]);
  });

  test('lets singles pass a party that does not fit, and notes it', () => {
    const { promotions, passed } = decideQueue([anEntry(1, { 1: 3 }), anEntry(2, { 1: 1 })], aSituation([aSlot(1, 2)]));
    expect(promotions.map(({ entry }) => entry.id)).toEqual([2]);
    expect(passed).toEqual(new Map([[1, 1]]));
  });

  test('keeps units for a party that was passed too often', () => {
    const party = anEntry(1, { 1: 3 }, { bypassed: maxBypasses });
    expect(served([party, anEntry(2, { 1: 1 })], aSituation([aSlot(1, 2)]))).toEqual([]);
    expect(served([party, anEntry(2, { 1: 1 })], aSituation([aSlot(1, 3)]))).toEqual([1]);
  });

  test('does not hold up those who wait for other slots', () => {
    const party = anEntry(1, { 1: 3 }, { bypassed: maxBypasses });
    expect(served([party, anEntry(2, { 2: 1 })], aSituation([aSlot(1, 2), aSlot(2, 1)]))).toEqual([2]);
  });

  test('keeps its order while only some slots are served', () => {
    const party = anEntry(1, { 2: 3 }, { bypassed: maxBypasses });
    const behind = anEntry(2, { 1: 1, 2: 1 });
    const situation = aSituation([aSlot(1, 1), aSlot(2, 2)], { servedSlots: new Set([1]) });
    expect(served([party, behind], situation)).toEqual([]);
    expect(served([anEntry(1, { 2: 1 }), behind], situation)).toEqual([2]);
  });

  test('takes the first choice that fits, and all of it', () => {
    const entry = anEntry(1, {}, { choices: [[aDraft({ 1: 1, 2: 1 })], [aDraft({ 2: 1 })]] });
    const [promotion] = decideQueue([entry], aSituation([aSlot(1, 0), aSlot(2, 1)])).promotions;
    expect(promotion?.parts.map(({ draft }) => draft.lines)).toEqual([[{ slotId: 2, units: 1 }]]);
  });

  test('offers nothing of a slot that has closed, or that is not locked', () => {
    expect(served([anEntry(1, { 1: 1 })], aSituation([aSlot(1, 1, { closesAt: at })]))).toEqual([]);
    expect(served([anEntry(1, { 1: 1 })], aSituation([aSlot(1, 1, { state: 'closed' })]))).toEqual([]);
    expect(served([anEntry(1, { 1: 1, 2: 1 })], aSituation([aSlot(1, 1)]))).toEqual([]);
  });

  test('passes over somebody who is booked elsewhere at that time, without counting it against anybody', () => {
    const busy = anEntry(1, {}, { choices: [[aDraft({ 1: 1 }, 'claimant')]], bypassed: maxBypasses });
    const claims = [
      {
        claimantId: 'claimant',
        scope: 'ride',
        during: { startsAt: at, endsAt: at + 150 },
        bookingId: 'b',
        personId: 'p',
      },
    ];
    const { promotions, passed } = decideQueue([busy, anEntry(2, { 1: 1 })], aSituation([aSlot(1, 1)], { claims }));
    expect(promotions.map(({ entry }) => entry.id)).toEqual([2]);
    expect(passed.size).toBe(0);
  });

  test('serves a group from its own allotment only', () => {
    const allotments = [{ slotId: 1, organisationId: 'company', units: 1, taken: 0, releaseAt: at + 10 }];
    const colleague = anEntry(2, { 1: 1 }, { groups: ['company'] });
    expect(served([anEntry(1, { 1: 1 }), colleague], aSituation([aSlot(1, 1)], { allotments }))).toEqual([2]);
    expect(served([anEntry(1, { 1: 1 })], aSituation([aSlot(1, 1)], { allotments, at: at + 10 }))).toEqual([1]);
  });
});

describe('any queue', () => {
  const slots = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 });
  const wish = (count: number) =>
    fc.dictionary(
      fc.constantFrom(...Array.from({ length: count }, (_, index) => String(index + 1))),
      fc.integer({ min: 1, max: 3 }),
      {
        minKeys: 1,
        maxKeys: 2,
      },
    );
  const queue = slots.chain((capacities) =>
    fc.record({
      capacities: fc.constant(capacities),
      wishes: fc.array(fc.record({ units: wish(capacities.length), bypassed: fc.integer({ min: 0, max: 3 }) }), {
        maxLength: 8,
      }),
    }),
  );

  const build = ({
    capacities,
    wishes,
  }: {
    capacities: number[];
    wishes: { units: Record<string, number>; bypassed: number }[];
  }) => ({
    situation: aSituation(capacities.map((capacity, index) => aSlot(index + 1, capacity))),
    entries: wishes.map(({ units, bypassed }, index) => anEntry(index + 1, units, { bypassed })),
  });

  test('never gives more than there is, and whole choices only', () => {
    fc.assert(
      fc.property(queue, (drawn) => {
        const { situation, entries } = build(drawn);
        const { promotions } = decideQueue(entries, situation);
        const given = unitsOf(promotions.flatMap(({ parts }) => parts.map(({ draft }) => draft)));
        for (const [slotId, units] of given)
          expect(units).toBeLessThanOrEqual(situation.slots.get(slotId)?.capacity ?? 0);
        for (const { entry, parts } of promotions) expect(parts.map(({ draft }) => draft)).toEqual(entry.choices[0]);
      }),
    );
  });

  test('leaves nobody waiting who fits, unless it would pass somebody too often', () => {
    fc.assert(
      fc.property(queue, (drawn) => {
        const { situation, entries } = build(drawn);
        const { promotions, passed } = decideQueue(entries, situation);
        const isServed = new Set(promotions.map(({ entry }) => entry.id));
        const given = unitsOf(promotions.flatMap(({ parts }) => parts.map(({ draft }) => draft)));
        for (const entry of entries.filter(({ id }) => !isServed.has(id))) {
          const wanted = unitsOf(entry.choices[0] ?? []);
          const fits = [...wanted].every(
            ([slotId, units]) => (situation.slots.get(slotId)?.capacity ?? 0) - (given.get(slotId) ?? 0) >= units,
          );
          const aheadIsExhausted = entries.some(
            (ahead) =>
              ahead.id < entry.id &&
              !isServed.has(ahead.id) &&
              [...unitsOf(ahead.choices[0] ?? []).keys()].some((slotId) => wanted.has(slotId)) &&
              ahead.bypassed + (passed.get(ahead.id) ?? 0) >= maxBypasses,
          );
          expect(fits && !aheadIsExhausted).toBe(false);
        }
      }),
    );
  });

  test('passes nobody more often than the rule allows', () => {
    fc.assert(
      fc.property(queue, (drawn) => {
        const { situation, entries } = build(drawn);
        for (const [id, times] of decideQueue(entries, situation).passed) {
          const entry = entries.find((candidate) => candidate.id === id);
          expect((entry?.bypassed ?? 0) + times).toBeLessThanOrEqual(maxBypasses);
        }
      }),
    );
  });

  test('with singles only is served strictly in order until nothing is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 10 }), (capacity, count) => {
        const entries = Array.from({ length: count }, (_, index) => anEntry(index + 1, { 1: 1 }));
        expect(served(entries, aSituation([aSlot(1, capacity)]))).toEqual(
          entries.slice(0, capacity).map(({ id }) => id),
        );
      }),
    );
  });
});
