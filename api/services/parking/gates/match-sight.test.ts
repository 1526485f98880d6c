import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../../calendar/time.ts';
import { candidatesFor, matchSight, type Sight, type Stay } from './match-sight.ts';

const at = (text: string) => parseInstant(`2026-11-${text}:00+08:00`);
const margins = { earlyMinutes: 60, lateHours: 48 };
const plate = '沪A12345';

/** A booking of nights, each 18:30–08:00. */
function aStay(bookingId: string, dates: readonly number[], change: Partial<Stay> = {}): Stay {
  const runs = dates.map((date) => ({ startsAt: at(`${date}T18:30`), endsAt: at(`${date + 1}T08:00`) }));
  return { bookingId, resourceId: 'lot-night', plate, runs, endedAt: null, ...change };
}

const entry = (time: string, read = plate): Sight => ({ kind: 'entry', plate: read, at: at(time) });
const exit = (time: string, read = plate): Sight => ({ kind: 'exit', plate: read, at: at(time) });
const matched = (sight: Sight, ...stays: Stay[]) => matchSight(sight, stays, margins)?.bookingId ?? null;

describe('a sight belongs to the booking', () => {
  test.each([
    ['comes in when its stay begins', entry('23T18:30'), 'one'],
    ['goes out before it ends', exit('24T07:59'), 'one'],
    ['comes somewhat early', entry('23T17:30'), 'one'],
    ['comes much too early', entry('23T17:29'), null],
    ['comes when the stay is over', entry('24T08:00'), null],
    ['leaves late', exit('24T15:00'), 'one'],
    ['leaves two days later', exit('26T08:00'), 'one'],
    ['leaves later than that', exit('26T08:01'), null],
  ])('of a car that %s: %o', (_text, sight, bookingId) => {
    expect(matched(sight, aStay('one', [23]))).toBe(bookingId);
  });

  test('that has begun, once the next one of the car has', () => {
    const [first, second] = [aStay('first', [23]), aStay('second', [24])];
    expect(matched(exit('24T18:29'), first, second)).toBe('first');
    expect(matched(exit('24T18:30'), first, second)).toBe('second');
    expect(matched(entry('24T18:00'), first, second)).toBe('second');
  });

  test('of the very plate, never of one that is like it', () => {
    expect(matched(entry('23T19:00', '沪AI2345'), aStay('one', [23]))).toBeNull();
  });

  test('that was ended while its car was in: it leaves, but does not come back', () => {
    const ended = aStay('ended', [23], { endedAt: at('23T22:00') });
    expect(matched(entry('23T19:00'), ended)).toBe('ended');
    expect(matched(entry('23T22:00'), ended)).toBeNull();
    expect(matched(exit('23T23:00'), ended)).toBe('ended');
    expect(matched(exit('23T23:00'), ended, aStay('instead', [23]))).toBe('instead');
  });
});

describe('candidates for a sight', () => {
  const found = (sight: Sight, ...stays: Stay[]) =>
    candidatesFor(sight, stays, margins, 5).map(({ stay, likeness }) => [stay.bookingId, likeness]);

  test('are the bookings of plates that it could be, those that cameras mix up first', () => {
    const stays = [
      aStay('one-off', [23], { plate: '沪A12395' }),
      aStay('confusable', [23]),
      aStay('other', [23], { plate: '沪B99999' }),
    ];
    expect(found(entry('23T19:00', '沪A1Z345'), ...stays)).toEqual([
      ['confusable', 'confusable'],
      ['one-off', 'one-off'],
    ]);
  });

  test('cover its time', () => {
    expect(found(entry('25T19:00', '沪AI2345'), aStay('one', [23]), aStay('two', [25]))).toEqual([
      ['two', 'confusable'],
    ]);
  });

  test('are few', () => {
    const stays = Array.from({ length: 9 }, (_, digit) => aStay(`b${digit}`, [23], { plate: `沪A1234${digit}` }));
    expect(candidatesFor(entry('23T19:00', '沪A1234X'), stays, margins, 5)).toHaveLength(5);
  });
});

test('what a sight belongs to depends on no order of the bookings', () => {
  const stays = fc.uniqueArray(fc.integer({ min: 11, max: 27 }), { minLength: 1, maxLength: 8 }).chain((dates) => {
    const made = dates.map((date, index) => aStay(`b${index}`, [date]));
    return fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length, maxLength: made.length }));
  });
  const sights = fc.record({
    kind: fc.constantFrom('entry' as const, 'exit' as const),
    plate: fc.constant(plate),
    at: fc.integer({ min: 0, max: 30 * 1440 }).map((minute) => at('01T00:00') + minute * 60_000),
  });
  fc.assert(
    fc.property(stays, sights, ([made, shuffled], sight) => {
      const found = matchSight(sight, made, margins);
      expect(matchSight(sight, shuffled, margins)).toBe(found);
      const isOn = made.find(({ runs }) =>
        runs.some(({ startsAt, endsAt }) => sight.at >= startsAt && sight.at < endsAt),
      );
      expect(isOn === undefined || found === isOn).toBe(true);
    }),
  );
});
