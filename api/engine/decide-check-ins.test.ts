import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideCheckIns, type CheckedIn, type KnownCheckIn, type Scan, type Situation } from './decide-check-ins.ts';

const by = { actorId: 'somebody' };
const now = 210;
const times = { startsAt: 100, endsAt: 200 };
const bookings: Situation['bookings'] = new Map([
  ['a', { state: 'confirmed', times }],
  ['b', { state: 'no_show', times }],
  ['c', { state: 'cancelled', times }],
]);
const said = (answers: CheckedIn[]) =>
  answers.map((answer) => {
    if (answer.ok) return answer.replayed ? 'again' : 'came';
    return answer.problem === 'rule' ? answer.rule : answer.problem;
  });

describe('scans that are told of together', () => {
  test('each knows of those before it', () => {
    const scan = (bookingId: string, nonce: string, at = 150): Scan => ({ bookingId, nonce, at, by });
    const scans = [
      ...[scan('a', '1', 99), scan('a', '2', 200), scan('a', '3', 199)],
      ...[scan('a', '4'), scan('a', '3', 120), scan('b', '3'), scan('b', '5', 100)],
      ...[scan('c', '6'), scan('d', '7')],
    ];
    expect(said(decideCheckIns({ bookings, known: [], now }, scans))).toEqual([
      ...['check-in-not-open', 'check-in-closed', 'came'],
      ...['already-checked-in', 'again', 'nonce-used', 'came'],
      ...['not-confirmed', 'not-found'],
    ]);
  });

  test('are answered as if they came one by one', () => {
    const scans = fc.array(
      fc.record({
        bookingId: fc.constantFrom('a', 'b', 'c', 'd'),
        nonce: fc.constantFrom('1', '2', '3', '4'),
        at: fc.constantFrom(99, 100, 150, 199, 200),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(scans, (drawn) => {
        const all = drawn.map((scan) => ({ ...scan, by }));
        const known: KnownCheckIn[] = [];
        const single = all.flatMap((scan) => {
          const states = new Map(
            [...bookings].map(([id, booking]) => [
              id,
              { ...booking, ...(known.some(({ bookingId }) => bookingId === id) && { state: 'checked_in' as const }) },
            ]),
          );
          const [answer] = decideCheckIns({ bookings: states, known, now }, [scan]);
          if (answer?.ok && !answer.replayed) known.push(scan);
          return answer ?? [];
        });
        expect(decideCheckIns({ bookings, known: [], now }, all)).toEqual(single);
      }),
    );
  });
});

describe('riders who gave their seats away', () => {
  const given = { lines: [{ slotId: 1, units: 2 }], yieldsAt: 120 };
  const answer = (at: number, free: number, toldAt = at) =>
    decideCheckIns(
      {
        bookings,
        known: [],
        now: toldAt,
        givenAway: new Map([['a', given]]),
        free: new Map([[1, free]]),
      },
      [{ bookingId: 'a', nonce: '1', at, by }],
    )[0];

  test('take them back while they are free, and are turned away when they are not', () => {
    expect(answer(150, 2)).toMatchObject({ ok: true, retakes: true });
    expect(answer(150, 1)).toMatchObject({ ok: false, rule: 'seat-given-away' });
  });

  test('are never turned away who were scanned before the moment, or whose scan is told of when the bus is gone', () => {
    expect(answer(119, 0, 150)).toEqual({ ok: true, at: 119, replayed: false });
    expect(answer(150, 0, 200)).toEqual({ ok: true, at: 150, replayed: false });
  });

  test('of two parties that come together only as many get theirs back as fit', () => {
    const scan = (bookingId: string) => ({ bookingId, nonce: bookingId, at: 150, by });
    const answers = decideCheckIns(
      {
        bookings,
        known: [],
        now: 150,
        givenAway: new Map([
          ['a', given],
          ['b', given],
        ]),
        free: new Map([[1, 3]]),
      },
      [scan('a'), scan('b')],
    );
    expect(said(answers)).toEqual(['came', 'seat-given-away']);
  });
});
