import { expect, test } from 'vitest';
import { decideMoves, type Movable } from './decide-moves.ts';
import type { Claim } from './types.ts';

const minute = 60_000;
const claim = (claimantId: string, from: number, to: number): Claim => ({
  claimantId,
  scope: 'ride',
  during: { startsAt: from * minute, endsAt: to * minute },
});

/** A booking of a person's that comes to a ride at some minutes, or to nothing. */
const aBooking = (id: string, to: [number, number] | null, more: Partial<Movable> = {}): Movable => ({
  id,
  personId: more.personId ?? id,
  state: 'confirmed',
  createdAt: 0,
  remade: to && {
    claims: [claim(more.personId ?? id, ...to)],
    startsAt: to[0] * minute,
    endsAt: to[1] * minute,
    cancelUntil: to[0] * minute,
    isProvisional: false,
    details: {},
  },
  ...more,
});

const ids = (bookings: readonly Movable[]) => bookings.map(({ id }) => id);

test('who is nowhere else at the new time moves; whose ride is gone does not', () => {
  const { moved, displaced } = decideMoves([aBooking('a', [10, 20]), aBooking('b', null)], []);
  expect([ids(moved), ids(displaced)]).toEqual([['a'], ['b']]);
});

test('who is elsewhere at the new time gives way, to the minute', () => {
  const elsewhere = [{ ...claim('a', 0, 10), bookingId: 'x', personId: 'a' }];
  expect(ids(decideMoves([aBooking('a', [10, 20])], elsewhere).moved)).toEqual(['a']);
  expect(ids(decideMoves([aBooking('a', [9, 20])], elsewhere).displaced)).toEqual(['a']);
});

test('of two rides of one person that come to overlap, the booked one moves, then the older one', () => {
  const own = { personId: 'p' };
  const [older, newer] = [
    aBooking('a', [10, 20], { ...own, createdAt: 1 }),
    aBooking('b', [15, 25], { ...own, createdAt: 2 }),
  ];
  expect(ids(decideMoves([newer, older], []).moved)).toEqual(['a']);
  const offered = { ...older, state: 'held' as const };
  expect(ids(decideMoves([offered, newer], []).moved)).toEqual(['b']);
});

test('who gives way is in the order of booking, so that who booked first chooses first', () => {
  const gone = [3, 1, 2].map((at) => aBooking(`b${at}`, null, { createdAt: at }));
  expect(ids(decideMoves(gone, []).displaced)).toEqual(['b1', 'b2', 'b3']);
});
