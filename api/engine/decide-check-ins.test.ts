import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideCheckIns, type CheckedIn, type KnownCheckIn, type Scan, type Situation } from './decide-check-ins.ts';

const by = { actorId: 'somebody' };
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
    expect(said(decideCheckIns({ bookings, known: [] }, scans))).toEqual([
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
          const [answer] = decideCheckIns({ bookings: states, known }, [scan]);
          if (answer?.ok && !answer.replayed) known.push(scan);
          return answer ?? [];
        });
        expect(decideCheckIns({ bookings, known: [] }, all)).toEqual(single);
      }),
    );
  });
});
