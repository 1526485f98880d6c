import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type Candidate, type Situation } from './decide.ts';
import { decideQueue, type WaitingEntry } from './decide-queue.ts';
import type { Allotment } from './pool.ts';
import type { BookingDraft, Claim, Limit, Slot } from './types.ts';

/**
 * Both decisions against the plainest reading of the rules, with everything at once: several slots, allotments, claims, limits, closings,
 * queues. The present is 100; units are kept for the group `x`.
 */
const at = 100;
const maxBypasses = 3;

type Drawn = {
  slots: { capacity: number; closesAt: number; isClosed: boolean }[];
  kept: { slotId: number; units: number; releaseAt: number }[];
  held: { person: number; from: number; to: number }[];
  wishes: {
    person: number;
    bypassed: number;
    waits: boolean;
    choices: { units: Record<string, number>; from: number; length: number; max: number | null }[][];
  }[];
};

const slotCount = 3;
const rarely = <T>(usual: T, other: T) => fc.constantFrom(usual, usual, usual, usual, other);
const part = fc.record({
  units: fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 3 }), { minKeys: 1, maxKeys: 2 }),
  from: fc.nat({ max: 6 }),
  length: fc.integer({ min: 1, max: 3 }),
  max: fc.option(fc.integer({ min: 1, max: 2 })),
});
const drawn: fc.Arbitrary<Drawn> = fc.record({
  slots: fc.array(
    fc.record({ capacity: fc.nat({ max: 5 }), closesAt: rarely(at + 1, at), isClosed: rarely(false, true) }),
    { minLength: slotCount, maxLength: slotCount },
  ),
  kept: fc.uniqueArray(
    fc.record({
      slotId: fc.integer({ min: 1, max: slotCount }),
      units: fc.integer({ min: 1, max: 2 }),
      releaseAt: rarely(at + 1, at),
    }),
    { selector: ({ slotId }) => slotId },
  ),
  held: fc.array(fc.record({ person: fc.nat({ max: 3 }), from: fc.nat({ max: 6 }), to: fc.constant(7) }), {
    maxLength: 1,
  }),
  wishes: fc.array(
    fc.record({
      person: fc.nat({ max: 3 }),
      bypassed: fc.nat({ max: maxBypasses }),
      waits: fc.boolean(),
      choices: fc.array(fc.array(part, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 8, size: 'max' },
  ),
});

const groupsOf = (person: number) => (person === 0 ? ['x'] : []);
const claimOf = (person: number, from: number, to: number): Claim => ({
  claimantId: `p${person}`,
  scope: 'ride',
  during: { startsAt: from, endsAt: to },
});

function draftOf(
  person: number,
  { units, from, length, max }: Drawn['wishes'][number]['choices'][number][number],
): BookingDraft {
  const limits: Limit[] =
    max === null
      ? []
      : [{ rule: 'limit', personId: `p${person}`, scope: 'day', max, during: { startsAt: 0, endsAt: 10 } }];
  return {
    kind: 'shuttle',
    lines: Object.entries(units).map(([slotId, count]) => ({ slotId: Number(slotId), units: count })),
    claims: [claimOf(person, from, from + length)],
    limits,
    priceFen: 0,
    startsAt: 200,
    endsAt: 300,
    serviceDate: '2026-11-24',
    cancelUntil: 200,
    isProvisional: false,
    details: {},
  };
}

function situationOf({ slots, kept, held }: Drawn) {
  const rows = slots.map(({ capacity, closesAt, isClosed }, index): [number, Slot] => [
    index + 1,
    {
      ...{ id: index + 1, resourceId: 'r', kind: 'shuttle', serviceDate: '2026-11-24', part: '', taken: 0, opensAt: 0 },
      ...{ startsAt: 200, endsAt: 300, cancelUntil: 200, priceFen: 0, closedReason: null, isProvisional: false },
      ...{ capacity, closesAt, state: isClosed ? 'closed' : 'active', facts: null, version: 1 },
    },
  ]);
  const allotments = kept.map((row): Allotment => ({ ...row, organisationId: 'x', taken: 0 }));
  const claims = held.map(({ person, from, to }) => ({ ...claimOf(person, from, to), bookingId: 'b', personId: 'q' }));
  return { slots: new Map(rows), allotments, claims, maxBypasses };
}

/** What is there, as plain lists. */
class Shelf {
  readonly #drawn: Drawn;
  readonly #free: number[];
  readonly #kept: { slotId: number; left: number }[];
  readonly #claims: Claim[];
  readonly #inDay: string[] = [];

  constructor(given: Drawn) {
    this.#drawn = given;
    this.#free = given.slots.map(({ capacity }) => capacity);
    this.#kept = given.kept
      .filter(({ releaseAt }) => releaseAt > at)
      .map(({ slotId, units }) => ({ slotId, left: units }));
    this.#claims = given.held.map(({ person, from, to }) => claimOf(person, from, to));
  }

  isOnOffer(drafts: readonly BookingDraft[]): boolean {
    return wanted(drafts).every(([slotId]) => {
      const slot = this.#drawn.slots[slotId - 1]!;
      return !slot.isClosed && slot.closesAt > at;
    });
  }

  isWithinLimits(drafts: readonly BookingDraft[]): boolean {
    const limited = drafts.flatMap(({ limits = [] }) => limits);
    // Places are taken from the first on, so that the k-th of a wish needs a limit above all that are there.
    return limited.every(({ personId, max }, index) => {
      const before = this.#inDay.filter((person) => person === personId).length + index;
      return before < max;
    });
  }

  isElsewhere(drafts: readonly BookingDraft[]): boolean {
    const own = drafts.flatMap(({ claims }) => claims);
    return own.some((claim, index) => [...own.slice(0, index), ...this.#claims].some((other) => meets(claim, other)));
  }

  fits(drafts: readonly BookingDraft[], groups: readonly string[]): boolean {
    return wanted(drafts).every(([slotId, units]) => {
      const others = groups.includes('x') ? 0 : (this.#kept.find((kept) => kept.slotId === slotId)?.left ?? 0);
      return this.#free[slotId - 1]! - others >= units;
    });
  }

  /** @returns how many units of each slot came out of what was kept. */
  take(drafts: readonly BookingDraft[], groups: readonly string[]): [number, number][] {
    this.#claims.push(...drafts.flatMap(({ claims }) => claims));
    this.#inDay.push(...drafts.flatMap(({ limits = [] }) => limits.map(({ personId }) => personId)));
    return wanted(drafts).flatMap(([slotId, units]): [number, number][] => {
      this.#free[slotId - 1]! -= units;
      const kept = groups.includes('x') ? this.#kept.find((one) => one.slotId === slotId) : undefined;
      const some = Math.min(units, kept?.left ?? 0);
      if (kept) kept.left -= some;
      return some > 0 ? [[slotId, some]] : [];
    });
  }
}

function wanted(drafts: readonly BookingDraft[]): [number, number][] {
  const ids = [...new Set(drafts.flatMap(({ lines }) => lines.map(({ slotId }) => slotId)))];
  const lines = drafts.flatMap((draft) => draft.lines);
  return ids.map((id) => [id, lines.filter(({ slotId }) => slotId === id).reduce((sum, { units }) => sum + units, 0)]);
}

function meets(one: Claim, other: Claim): boolean {
  return (
    one.claimantId === other.claimantId &&
    one.during.startsAt < other.during.endsAt &&
    other.during.startsAt < one.during.endsAt
  );
}

const sumOf = (draws: readonly { slotId: number; units: number }[]): [number, number][] =>
  [...new Set(draws.map(({ slotId }) => slotId))]
    .map((id): [number, number] => [
      id,
      draws.filter(({ slotId }) => slotId === id).reduce((sum, { units }) => sum + units, 0),
    ])
    .toSorted(([a], [b]) => a - b);
const inOrder = (pairs: readonly [number, number][]) => pairs.toSorted(([a], [b]) => a - b);
const share = (one: readonly BookingDraft[], other: readonly BookingDraft[]) =>
  wanted(one).some(([slotId]) => wanted(other).some(([id]) => id === slotId));

test('a batch is decided as the rules say, one request after the other', () => {
  fc.assert(
    fc.property(drawn, (given) => {
      const batch = given.wishes.map(({ person, waits, choices }, index): Candidate => ({
        siteId: 1,
        personId: `p${person}`,
        actorId: `p${person}`,
        at,
        groups: groupsOf(person),
        drafts: choices[0]!.map((one) => draftOf(person, one)),
        bookingIds: choices[0]!.map((_, place) => `${index}.${place}`),
        idempotency: null,
        ...(waits ? { waitlist: { offerMinutes: 1 } } : {}),
      }));
      // Somebody waits for the first slot and the second, and has been passed as often as the first wish says.
      const bypassed = given.wishes[0]?.bypassed ?? 0;
      const situation: Situation = { ...situationOf(given), queues: [{ slotIds: [1, 2], bypassed }] };
      const shelf = new Shelf(given);
      const queues = [{ slotIds: [1, 2], bypassed }];
      const expected = batch.map(({ drafts, groups = [], waitlist }) => {
        if (!shelf.isOnOffer(drafts) || !shelf.isWithinLimits(drafts)) return 'rule';
        if (shelf.isElsewhere(drafts)) return 'overlap';
        const slotIds = wanted(drafts).map(([slotId]) => slotId);
        const met = queues.filter((queue) => queue.slotIds.some((slotId) => slotIds.includes(slotId)));
        if (!shelf.fits(drafts, groups) || met.some((queue) => queue.bypassed >= maxBypasses)) {
          if (!waitlist) return 'slot-full';
          queues.push({ slotIds, bypassed: 0 });
          return 'queued';
        }
        for (const queue of met) queue.bypassed++;
        return inOrder(shelf.take(drafts, groups));
      });
      const decided = decide(batch, situation).map((decision) => {
        if (decision.outcome === 'admitted') return sumOf(decision.parts.flatMap(({ draws }) => draws));
        return decision.outcome === 'queued' ? 'queued' : decision.refusal.problem;
      });
      expect(decided).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('a queue is served as the rules say, one entry after the other', () => {
  fc.assert(
    fc.property(drawn, fc.option(fc.integer({ min: 1, max: slotCount })), (given, servedSlot) => {
      const entries = given.wishes.map(({ person, bypassed, choices }, index): WaitingEntry => ({
        id: index + 1,
        personId: `p${person}`,
        groups: groupsOf(person),
        bypassed,
        choices: choices.map((parts) => parts.map((one) => draftOf(person, one))),
      }));
      const situation = { ...situationOf(given), at, ...(servedSlot ? { servedSlots: new Set([servedSlot]) } : {}) };
      const shelf = new Shelf(given);
      const passes = new Map(entries.map(({ id, bypassed }) => [id, bypassed]));
      const ahead: WaitingEntry[] = [];
      const expected: unknown[] = [];
      for (const { id, groups, choices, ...entry } of entries) {
        const possible = choices.filter(
          (drafts) => shelf.isOnOffer(drafts) && shelf.isWithinLimits(drafts) && !shelf.isElsewhere(drafts),
        );
        const isServed =
          !servedSlot || choices.some((drafts) => wanted(drafts).some(([slotId]) => slotId === servedSlot));
        const passedBy = (drafts: readonly BookingDraft[]) =>
          ahead.filter((other) => other.choices.some((theirs) => share(theirs, drafts)));
        const choice = possible.find(
          (drafts) =>
            isServed &&
            shelf.fits(drafts, groups) &&
            passedBy(drafts).every((other) => passes.get(other.id)! < maxBypasses),
        );
        if (choice) {
          for (const other of passedBy(choice)) passes.set(other.id, passes.get(other.id)! + 1);
          expected.push([id, choices.indexOf(choice), inOrder(shelf.take(choice, groups))]);
        } else if (possible.length > 0) ahead.push({ id, groups, choices, ...entry });
      }
      const { promotions, passed } = decideQueue(entries, situation);
      const decided = promotions.map(({ entry, parts }) => [
        entry.id,
        entry.choices.findIndex((drafts) => drafts.every(({ lines }, index) => lines === parts[index]?.draft.lines)),
        sumOf(parts.flatMap(({ draws }) => draws)),
      ]);
      expect(decided).toEqual(expected);
      for (const { id, bypassed } of entries) expect(bypassed + (passed.get(id) ?? 0)).toBe(passes.get(id));
    }),
    { numRuns: 1000 },
  );
});
