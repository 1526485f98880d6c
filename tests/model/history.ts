import * as fc from 'fast-check';

/** What somebody wants; a pick is turned into one of what there is when its turn comes. */
export type Wish =
  | { kind: 'ride'; run: 'a' | 'b' | 'c'; from: number; legs: number; seats: number; isAccessible: boolean }
  | { kind: 'meal'; window: number; portions: number }
  | { kind: 'stay'; lot: 'n' | 'm'; first: number; nights: number }
  | { kind: 'month' }
  | { kind: 'class'; room: 'x' | 'y'; child: number };

/** Slots by the beginning of their names, or those of what somebody has booked: of all of the resource, or the first one. */
export type Changed = string | { bookedBy: number; isWhole: boolean };
export type Resized = { capacity?: number; closed?: string | null };

export type Command =
  | { do: 'book'; member: number; wishes: readonly Wish[]; waits: boolean }
  | { do: 'repeat'; pick: number }
  | { do: 'cancel'; pick: number; byStaff: boolean }
  | { do: 'accept' | 'decline'; pick: number }
  | { do: 'change'; of: Changed; to: Resized; displaces: boolean; isDryRun: boolean }
  | { do: 'undo'; pick: number; isDryRun: boolean }
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
    run: fc.constantFrom(...(['a', 'a', 'a', 'b', 'b', 'c'] as const)),
    from: fc.nat({ max: 2 }),
    legs: fc.integer({ min: 1, max: 3 }),
    seats: fc.constantFrom(1, 1, 2, 3),
    isAccessible: fc.constantFrom(...Array.from({ length: 12 }, (_, index) => index === 0)),
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
      lot: fc.constantFrom('n' as const, 'n' as const, 'm' as const),
      first: fc.integer({ min: 1, max: 3 }),
      nights: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'month' as const }) },
);
const place: fc.Arbitrary<Wish> = fc.record({
  kind: fc.constant('class' as const),
  room: fc.constantFrom('x' as const, 'x' as const, 'y' as const),
  child: fc.nat({ max: 1 }),
});
const wish = fc.oneof(
  { weight: 6, arbitrary: ride },
  { weight: 2, arbitrary: meal },
  { weight: 2, arbitrary: stay },
  { weight: 2, arbitrary: place },
);

const book: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('book' as const),
  member,
  wishes: fc.oneof(
    { weight: 6, arbitrary: wish.map((one) => [one]) },
    { weight: 1, arbitrary: fc.tuple(ride, fc.oneof(meal, stay)).map((both) => [...both]) },
  ),
  waits: fc.constantFrom(true, true, true, false),
});

const rarely = fc.constantFrom(false, false, false, true);
const reason = fc.constantFrom('of the model', 'of another kind');

/** What becomes of slots: mostly of how many units they have; they are closed, reopened, or both at once. */
const size = fc.oneof(
  { weight: 5, arbitrary: fc.record({ capacity: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ closed: fc.option(reason) }) },
  { weight: 1, arbitrary: fc.record({ capacity: fc.nat({ max: 4 }), closed: fc.option(reason) }) },
);

/** Changes of all slots of something, or of one of them; by name, or of what somebody has booked. */
function changeOf(
  of: fc.Arbitrary<Changed>,
  { to = size, displaces = fc.boolean() }: { to?: fc.Arbitrary<Resized>; displaces?: fc.Arbitrary<boolean> } = {},
): fc.Arbitrary<Command> {
  return fc.record({ do: fc.constant('change' as const), of, to, displaces, isDryRun: rarely });
}

const booked = fc.record({ bookedBy: pick, isWhole: fc.boolean() });

const undo: fc.Arbitrary<Command> = fc.record({ do: fc.constant('undo' as const), pick, isDryRun: rarely });

/** Commands of all kinds, whose bookings are of these wishes. */
function commandOf(book: fc.Arbitrary<Command>, change: fc.Arbitrary<Command>): fc.Arbitrary<Command> {
  return fc.oneof(
    { weight: 8, arbitrary: book },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('cancel' as const), pick, byStaff: fc.constantFrom(false, false, true) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('accept' as const), pick }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('decline' as const), pick }) },
    { weight: 3, arbitrary: change },
    { weight: 1, arbitrary: undo },
    { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  );
}

/** Histories that wander over all services; `atOnce` is how many commands a step has at most. */
export function histories(atOnce: number): fc.Arbitrary<History> {
  const change = changeOf(fc.oneof(fc.constantFrom('a', 'a', 'a2', 'b', 'w', 'd', 'n', 'n2', 'm', 'x', 'y'), booked));
  return fc.array(stepOf(commandOf(book, change), atOnce), {
    minLength: 2,
    maxLength: atOnce === 1 ? 14 : 7,
    size: 'max',
  });
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
  const rest = fc.array(stepOf(commandOf(bookSeat, changeOf(fc.constantFrom('a', 'a', 'b'))), atOnce), {
    minLength: 1,
    maxLength: 6,
    size: 'max',
  });
  return fc.tuple(beginning, rest).map(([before, after]) => [...before, ...after]);
}

/**
 * Histories in which many have booked before something is cut or closed, so that people give way, answer what they are offered instead, and have
 * their bookings again.
 */
export function cutHistories(atOnce: number): fc.Arbitrary<History> {
  const single = fc.record({
    do: fc.constant('book' as const),
    member,
    wishes: fc
      .oneof({ weight: 6, arbitrary: ride }, { weight: 2, arbitrary: meal }, stay, { weight: 2, arbitrary: place })
      .map((one) => [one]),
    waits: rarely,
  });
  const cut = changeOf(booked, {
    to: fc.oneof(fc.record({ capacity: fc.constantFrom(0, 0, 1) }), fc.record({ closed: reason })),
    displaces: fc.constant(true),
  });
  const beginning = fc
    .array(single, { minLength: 2, maxLength: 4, size: 'max' })
    .map((together): Step => ({ together, over: 3 }));
  const command = fc.oneof(
    { weight: 6, arbitrary: cut },
    { weight: 2, arbitrary: changeOf(fc.oneof(fc.constantFrom('a', 'b', 'c'), booked)) },
    { weight: 3, arbitrary: undo },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('accept' as const), pick }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('decline' as const), pick }) },
    { weight: 3, arbitrary: single },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick, byStaff: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant({ do: 'sweep' as const }) },
  );
  const rest = fc.array(stepOf(command, atOnce), {
    minLength: atOnce === 1 ? 3 : 1,
    maxLength: atOnce === 1 ? 9 : 5,
    size: 'max',
  });
  return fc.tuple(beginning, rest).map(([before, after]) => [before, ...after]);
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
    { weight: 2, arbitrary: fc.record({ minutes: fc.constantFrom(5, 16, 46, 66, 185) }) },
    { weight: 1, arbitrary: fc.record({ passed: pick, times: fc.integer({ min: 1, max: 3 }) }) },
  );
}
