import * as fc from 'fast-check';

/** What somebody wants; a pick is turned into one of what there is when its turn comes. */
export type Wish =
  | { kind: 'ride'; run: 'a' | 'b'; from: number; legs: number; seats: number }
  | { kind: 'meal'; window: number; portions: number }
  | { kind: 'stay'; first: number; nights: number }
  | { kind: 'month' };

export type Command =
  | { do: 'book'; member: number; wishes: readonly Wish[]; waits: boolean }
  | { do: 'repeat'; pick: number }
  | { do: 'cancel'; pick: number; byStaff: boolean }
  | { do: 'accept' | 'decline'; pick: number }
  | { do: 'capacity'; of: 'a' | 'b' | 'w' | 'n'; capacity: number; isDryRun: boolean }
  | { do: 'sweep' };

/** Commands that are sent at once, over so many processes; or time that goes by; or somebody who waits has been passed before (by people of whom nothing is left). */
export type Step =
  { together: readonly Command[]; over?: number } | { minutes: number } | { passed: number; times: number };

export type History = readonly Step[];

const pick = fc.nat({ max: 20 });
const member = fc.nat({ max: 5 });

const ride: fc.Arbitrary<Extract<Wish, { kind: 'ride' }>> = fc
  .record({
    kind: fc.constant('ride' as const),
    run: fc.constantFrom('a' as const, 'a' as const, 'b' as const),
    from: fc.nat({ max: 2 }),
    legs: fc.integer({ min: 1, max: 3 }),
    seats: fc.constantFrom(1, 1, 2, 3),
  })
  .map((wish) => ({ ...wish, legs: Math.min(wish.legs, 3 - wish.from) }));
const meal: fc.Arbitrary<Wish> = fc.record({
  kind: fc.constant('meal' as const),
  window: fc.integer({ min: 1, max: 2 }),
  portions: fc.integer({ min: 1, max: 2 }),
});
const stay: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('stay' as const),
      first: fc.integer({ min: 1, max: 3 }),
      nights: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'month' as const }) },
);
const wish = fc.oneof({ weight: 6, arbitrary: ride }, { weight: 2, arbitrary: meal }, { weight: 2, arbitrary: stay });

const book: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('book' as const),
  member,
  wishes: fc.oneof(
    { weight: 6, arbitrary: wish.map((one) => [one]) },
    { weight: 1, arbitrary: fc.tuple(ride, fc.oneof(meal, stay)).map((both) => [...both]) },
  ),
  waits: fc.constantFrom(true, true, true, false),
});

const changeCapacity: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('capacity' as const),
  of: fc.constantFrom('a' as const, 'a' as const, 'b' as const, 'w' as const, 'n' as const),
  capacity: fc.nat({ max: 4 }),
  isDryRun: fc.constantFrom(false, false, false, true),
});

/** Commands of all kinds, whose bookings are of these wishes. */
function commandOf(book: fc.Arbitrary<Command>): fc.Arbitrary<Command> {
  return fc.oneof(
    { weight: 8, arbitrary: book },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('cancel' as const), pick, byStaff: fc.constantFrom(false, false, true) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('accept' as const), pick }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('decline' as const), pick }) },
    { weight: 2, arbitrary: changeCapacity },
    { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  );
}

/** Histories that wander over all services; `atOnce` is how many commands a step has at most. */
export function histories(atOnce: number): fc.Arbitrary<History> {
  return fc.array(stepOf(commandOf(book), atOnce), { minLength: 2, maxLength: atOnce === 1 ? 14 : 7, size: 'max' });
}

/**
 * Histories in which everybody meets on two runs at the same time, after a party has begun to wait for more seats than there are: so queues
 * are passed, kept and served.
 */
export function crowdedHistories(atOnce: number): fc.Arbitrary<History> {
  const few = fc.nat({ max: 3 });
  const party = ride.map((one): Command => ({
    do: 'book',
    member: 5,
    wishes: [{ ...one, run: 'a', seats: 3 }],
    waits: true,
  }));
  const bookSeat = fc.record({
    do: fc.constant('book' as const),
    member: few,
    wishes: ride.map((one) => [one]),
    waits: fc.boolean(),
  });
  const beginning = fc
    .tuple(party, fc.nat({ max: 3 }))
    .map(([joins, times]): History => [{ together: [joins] }, ...(times > 0 ? [{ passed: 0, times }] : [])]);
  const rest = fc.array(stepOf(commandOf(bookSeat), atOnce), { minLength: 1, maxLength: 6, size: 'max' });
  return fc.tuple(beginning, rest).map(([before, after]) => [...before, ...after]);
}

function stepOf(command: fc.Arbitrary<Command>, atOnce: number): fc.Arbitrary<Step> {
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        together: fc.array(command, { minLength: 1, maxLength: atOnce, size: 'max' }),
        over: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ minutes: fc.constantFrom(5, 16, 46, 66, 185) }) },
    { weight: 1, arbitrary: fc.record({ passed: pick, times: fc.integer({ min: 1, max: 3 }) }) },
  );
}
