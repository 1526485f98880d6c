import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bypassesOf, decide, timesPassed, type Candidate, type Situation } from './decide.ts';
import { unitsOf } from './drafts.ts';
import type { BookingDraft, Claim, Line, Slot } from './types.ts';
import { engineSlot } from '../../tests/support/engine-slot.ts';

const now = 1_000;

const aSlot = (id: number, change: Partial<Slot> = {}): Slot =>
  engineSlot(id, { resourceId: 'lot', kind: 'parking', ...change });

type Part = { lines: Line[]; claims?: Claim[] };
let lastId = 0;

function aWish(parts: readonly Part[], personId = 'person'): Candidate {
  const drafts = parts.map(({ lines, claims = [] }): BookingDraft => ({
    kind: 'parking',
    lines,
    claims,
    priceFen: 0,
    startsAt: 2_000,
    endsAt: 3_000,
    serviceDate: '2026-11-24',
    cancelUntil: 2_000,
    isProvisional: false,
    details: {},
  }));
  const bookingIds = drafts.map(() => `booking-${++lastId}`);
  return { siteId: 1, personId, actorId: personId, at: now, drafts, idempotency: null, bookingIds };
}

function aSituation(slots: readonly Slot[], change: Partial<Situation> = {}): Situation {
  const byId = new Map(slots.map((slot) => [slot.id, slot]));
  return { slots: byId, claims: [], allotments: [], queues: [], maxBypasses: 2, ...change };
}

const claimOf = (claimantId: string, startsAt: number, endsAt: number, scope = 'stay'): Claim => ({
  claimantId,
  scope,
  during: { startsAt, endsAt },
});

/** Slots 1 to 4 with some units taken, and wishes of one or two parts for them. */
const slots = fc
  .tuple(...[1, 2, 3, 4].map((id) => fc.tuple(fc.constant(id), fc.nat(6), fc.nat(6))))
  .map((all) => all.map(([id, free, taken]) => aSlot(id, { capacity: free + taken, taken })));
const line = fc.record({ slotId: fc.integer({ min: 1, max: 4 }), units: fc.integer({ min: 1, max: 3 }) });
const claim = fc
  .tuple(fc.constantFrom('car', 'child'), fc.constantFrom('stay', 'care'), fc.nat(9), fc.integer({ min: 1, max: 4 }))
  .map(([claimantId, scope, startsAt, length]) => claimOf(claimantId, startsAt, startsAt + length, scope));
const part = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  claims: fc.array(claim, { maxLength: 2 }),
});
const wishes = fc.array(
  fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 2 }), fc.constantFrom('ann', 'bob'))
    .map(([parts, personId]) => aWish(parts, personId)),
  { maxLength: 12 },
);

/**
 * An independent way to say who may be admitted: keeps a ledger of single units and single moments, and asks of each wish in its turn
 * whether all of it can be put there. Slow, and without the engine's arithmetic.
 */
class Oracle {
  readonly #free: number[] = [];
  readonly #moments = new Set<string>();

  constructor(of: readonly Slot[]) {
    for (const slot of of) for (let unit = slot.taken; unit < slot.capacity; unit++) this.#free.push(slot.id);
  }

  admits(wish: Candidate): boolean {
    const units = wish.drafts.flatMap(({ lines }) =>
      lines.flatMap(({ slotId, units: count }) => Array<number>(count).fill(slotId)),
    );
    const moments = wish.drafts.flatMap(({ claims }) => claims.flatMap(momentsOf));
    const left = [...this.#free];
    for (const slotId of units) {
      const index = left.indexOf(slotId);
      if (index < 0) return false;
      left.splice(index, 1);
    }
    if (new Set(moments).size < moments.length || moments.some((moment) => this.#moments.has(moment))) return false;
    this.#free.splice(0, this.#free.length, ...left);
    for (const moment of moments) this.#moments.add(moment);
    return true;
  }
}

function momentsOf({ claimantId, scope, during }: Claim): string[] {
  return Array.from(
    { length: during.endsAt - during.startsAt },
    (_, index) => `${claimantId} ${scope} ${during.startsAt + index}`,
  );
}

describe('in arrival order', () => {
  test('exactly those are admitted that fit beside those admitted before them: all of a wish or nothing of it', () => {
    fc.assert(
      fc.property(slots, wishes, (offered, batch) => {
        const oracle = new Oracle(offered);
        const admitted = decide(batch, aSituation(offered)).map(({ refusal }) => refusal === null);
        expect(admitted).toEqual(batch.map((wish) => oracle.admits(wish)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('no slot goes above its capacity, and every refusal is true', () => {
    fc.assert(
      fc.property(slots, wishes, (offered, batch) => {
        const taken = new Map(offered.map((slot) => [slot.id, slot.taken]));
        for (const { candidate, refusal } of decide(batch, aSituation(offered))) {
          const fits = ([slotId, units]: [number, number]) =>
            taken.get(slotId)! + units <= offered.find(({ id }) => id === slotId)!.capacity;
          const wanted = [...unitsOf(candidate.drafts)];
          const named = refusal?.problem === 'slot-full' ? wanted.filter(([slotId]) => slotId === refusal.slotId) : [];
          expect(named.some(fits)).toBe(false);
          expect(refusal !== null || wanted.every(fits)).toBe(true);
          for (const [slotId, units] of refusal ? [] : wanted) taken.set(slotId, taken.get(slotId)! + units);
        }
      }),
    );
  });

  test('a batch is decided as its wishes would be one by one', () => {
    fc.assert(
      fc.property(slots, wishes, fc.nat(12), (offered, batch, cut) => {
        const whole = decide(batch, aSituation(offered));
        const first = whole.slice(0, cut);
        expect(decide(batch.slice(0, cut), aSituation(offered))).toEqual(first);
      }),
    );
  });

  test('what somebody asks in vain takes nothing from those behind', () => {
    const greedy = aWish([
      {
        lines: [
          { slotId: 1, units: 1 },
          { slotId: 2, units: 9 },
        ],
      },
    ]);
    const modest = aWish([{ lines: [{ slotId: 1, units: 1 }] }]);
    const [first, second] = decide([greedy, modest], aSituation([aSlot(1), aSlot(2)]));
    expect(first?.refusal).toEqual({ ok: false, problem: 'slot-full', slotId: 2 });
    expect(second?.refusal).toBeNull();
  });
});

describe('a claim that is held', () => {
  const car = (startsAt: number, endsAt: number) =>
    aWish([{ lines: [{ slotId: 1, units: 1 }], claims: [claimOf('car', startsAt, endsAt)] }]);
  const roomy = aSituation([aSlot(1, { capacity: 9 })]);

  test('by one before in the batch refuses the next, and names the booking to its owner only', () => {
    const first = car(0, 10);
    const others = { ...car(5, 6), personId: 'other' };
    const decisions = decide([first, car(9, 12), others, car(10, 12)], roomy);
    expect(decisions.map(({ refusal }) => refusal)).toEqual([
      null,
      { ok: false, problem: 'overlap', bookingId: first.bookingIds[0] },
      { ok: false, problem: 'overlap', bookingId: null },
      null,
    ]);
  });

  test.each([
    ['person', 'theirs'],
    ['other', null],
  ])('by a booking of %s is named as %s', (personId, bookingId) => {
    const wish = car(0, 10);
    const claims = [{ ...claimOf('car', 9, 12), bookingId: 'theirs', personId }];
    expect(decide([wish], { ...roomy, claims })[0]?.refusal).toEqual({ ok: false, problem: 'overlap', bookingId });
  });

  test('twice by the parts of one plan is refused without a name: there is no booking yet', () => {
    const half = { lines: [{ slotId: 1, units: 1 }], claims: [claimOf('car', 0, 10)] };
    expect(decide([aWish([half, half])], roomy)[0]?.refusal).toEqual({
      ok: false,
      problem: 'overlap',
      bookingId: null,
    });
  });
});

describe('a slot', () => {
  test.each<[string, Partial<Slot>, string | null]>([
    ['that opens now is open', { opensAt: now }, null],
    ['that opens later is not yet', { opensAt: now + 1 }, 'not-yet-open'],
    ['that closes later is open', { closesAt: now + 1 }, null],
    ['that closes now is closed to booking', { closesAt: now }, 'booking-closed'],
    ['that was closed is closed, whatever its times', { state: 'closed', opensAt: now + 1 }, 'slot-closed'],
  ])('%s', (_what, change, rule) => {
    const [decision] = decide([aWish([{ lines: [{ slotId: 7, units: 1 }] }])], aSituation([aSlot(7, change)]));
    expect(decision?.refusal).toEqual(rule && { ok: false, problem: 'rule', rule, slotId: 7 });
  });

  test('that is not there is unknown', () => {
    const [decision] = decide([aWish([{ lines: [{ slotId: 7, units: 1 }] }])], aSituation([]));
    expect(decision?.refusal).toEqual({ ok: false, problem: 'unknown-slot', slotId: 7 });
  });
});

test('who is barred is refused before anything else, and what they wanted is there for the next one', () => {
  const [barred, next] = [1, 2].map(() => aWish([{ lines: [{ slotId: 1, units: 1 }] }]));
  const refusal = { ok: false, problem: 'rule', rule: 'missed-too-many', until: 'tomorrow' } as const;
  const situation = aSituation([aSlot(1, { capacity: 1, taken: 0 })], { barred: new Map([[barred!, refusal]]) });
  expect(decide([barred!, next!], situation).map(({ refusal: refused }) => refused)).toEqual([refusal, null]);
});

describe('a slot with a queue', () => {
  const single = () => aWish([{ lines: [{ slotId: 1, units: 1 }] }]);
  const queued = (bypassed: number) =>
    aSituation([aSlot(1, { capacity: 9 })], { queues: [{ slotIds: [1], bypassed }] });
  const outcomes = (situation: Situation, ...batch: Candidate[]) =>
    decide(batch, situation).map(({ outcome }) => outcome);

  test('lets newcomers pass those who wait for more, until they were passed often enough', () => {
    expect(outcomes(queued(0), single(), single(), single())).toEqual(['admitted', 'admitted', 'refused']);
    expect(outcomes(queued(2), single())).toEqual(['refused']);
  });

  test('is passed by whoever takes any of the slots that it is for', () => {
    const legs = aSituation([aSlot(1, { capacity: 9 }), aSlot(2, { capacity: 9 })], {
      queues: [{ slotIds: [1, 2], bypassed: 1 }],
    });
    const onSlot = (slotId: number) => aWish([{ lines: [{ slotId, units: 1 }] }]);
    const decisions = decide([onSlot(1), onSlot(2)], legs);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['admitted', 'refused']);
    expect(bypassesOf(decisions, legs)).toEqual([{ slotIds: [1, 2], times: 1 }]);
  });

  test('that begins in a batch is passed by those behind it in the batch', () => {
    const party = { ...aWish([{ lines: [{ slotId: 1, units: 9 }] }]), waitlist: { offerMinutes: 10 } };
    const [, ...later] = decide([party, single(), single(), single()], aSituation([aSlot(1, { capacity: 8 })]));
    expect(later.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'refused']);
    expect(timesPassed([1], later)).toBe(2);
  });

  test('takes those who would rather wait than be refused', () => {
    const patient = { ...single(), waitlist: { offerMinutes: 10 } };
    expect(outcomes(aSituation([aSlot(1)]), single(), patient)).toEqual(['admitted', 'queued']);
  });
});

describe('an allotment', () => {
  const kept = { slotId: 1, organisationId: 'company', units: 2, taken: 0, releaseAt: now + 1 };
  const wish = (groups: string[] = []) => ({ ...aWish([{ lines: [{ slotId: 1, units: 1 }] }]), groups });

  test('is kept for its group until it is released', () => {
    const situation = aSituation([aSlot(1, { capacity: 2 })], { allotments: [kept] });
    expect(decide([wish(), wish(['company'])], situation).map(({ outcome }) => outcome)).toEqual([
      'refused',
      'admitted',
    ]);
    const released = { ...situation, allotments: [{ ...kept, releaseAt: now }] };
    expect(decide([wish()], released).map(({ outcome }) => outcome)).toEqual(['admitted']);
  });

  test('is drawn on before what everybody may have', () => {
    const situation = aSituation([aSlot(1, { capacity: 3 })], { allotments: [kept] });
    const batch = [wish(['company']), wish(['company']), wish(), wish()];
    expect(decide(batch, situation).map(({ outcome }) => outcome)).toEqual([
      'admitted',
      'admitted',
      'admitted',
      'refused',
    ]);
  });
});

describe('a limit', () => {
  const daily = (max: number) => ({
    rule: 'daily-limit',
    personId: 'person',
    scope: 'ride/day',
    max,
    during: { startsAt: 0, endsAt: 99 },
  });
  const limited = (max: number): Candidate => {
    const wish = aWish([{ lines: [{ slotId: 1, units: 1 }] }]);
    return { ...wish, drafts: wish.drafts.map((draft) => ({ ...draft, limits: [daily(max)] })) };
  };

  test('refuses by its rule what is above it, and takes a place for what is not', () => {
    const decisions = decide([limited(2), limited(2), limited(2)], aSituation([aSlot(1, { capacity: 9 })]));
    expect(decisions.map(({ refusal }) => refusal)).toEqual([
      null,
      null,
      { ok: false, problem: 'rule', rule: 'daily-limit' },
    ]);
    const places = decisions.flatMap((decision) =>
      decision.outcome === 'admitted'
        ? decision.parts.flatMap(({ draft }) => draft.claims.map(({ scope }) => scope))
        : [],
    );
    expect(places).toEqual(['ride/day#1', 'ride/day#2']);
  });

  test('counts what was booked before', () => {
    const claims = [
      {
        claimantId: 'person',
        scope: 'ride/day#1',
        during: { startsAt: 0, endsAt: 99 },
        bookingId: 'b',
        personId: 'person',
      },
    ];
    const [decision] = decide([limited(1)], aSituation([aSlot(1, { capacity: 9 })], { claims }));
    expect(decision?.refusal).toEqual({ ok: false, problem: 'rule', rule: 'daily-limit' });
  });
});

describe('a line that has to leave units to others', () => {
  const leaving = (units: number, slotId = 1): Line => ({ slotId, units: 1, leaves: { units, rule: 'kept' } });
  const outcomes = (wishes: readonly Candidate[], slotsNow: readonly Slot[]) =>
    decide(wishes, aSituation(slotsNow)).map(({ outcome, refusal }) => refusal ?? outcome);
  const refusal = { ok: false, problem: 'rule', rule: 'kept', slotId: 1 };

  test('is admitted as long as they stay free, and refused by their rule when they would not', () => {
    const slot = aSlot(1, { capacity: 3, taken: 0 });
    const wishes = [
      aWish([{ lines: [leaving(1)] }]),
      aWish([{ lines: [leaving(1)] }]),
      aWish([{ lines: [leaving(1)] }]),
    ];
    expect(outcomes(wishes, [slot])).toEqual(['admitted', 'admitted', refusal]);
  });

  test('does not keep who has to leave nothing from the last unit', () => {
    const slot = aSlot(1, { capacity: 1, taken: 0 });
    const wishes = [aWish([{ lines: [leaving(1)] }]), aWish([{ lines: [{ slotId: 1, units: 1 }] }])];
    expect(outcomes(wishes, [slot])).toEqual([refusal, 'admitted']);
  });

  test('is full, not kept, where there is nothing at all, and waits if it said so', () => {
    const slot = aSlot(1, { capacity: 1, taken: 1 });
    const wish = aWish([{ lines: [leaving(1)] }]);
    const waits = { ...aWish([{ lines: [leaving(1)] }]), waitlist: { offerMinutes: 60 } };
    expect(outcomes([wish, waits], [slot])).toEqual([{ ok: false, problem: 'slot-full', slotId: 1 }, 'queued']);
  });
});

describe('a wish that was drafted from a slot as it was', () => {
  const seen = aSlot(1, { facts: { from: 'metro' }, version: 3 });
  const wish = aWish([{ lines: [{ slotId: 1, units: 1, terms: seen }] }]);
  const decided = (slot: Slot) => decide([wish], aSituation([slot]))[0]?.refusal;
  const stale = { ok: false, problem: 'stale-draft', slotId: 1 };

  test('is drafted anew when the slot is something else now, though its times are the same', () => {
    expect(decided({ ...seen, facts: { from: 'park' }, version: 4 })).toEqual(stale);
  });

  test('stands when only how much there is was edited', () => {
    expect(decided({ ...seen, version: 4 })).toBeNull();
  });
});
