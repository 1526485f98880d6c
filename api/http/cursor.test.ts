import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isListedInstant, readCursor, writeCursor } from './cursor.ts';

const kindsOf = (position: readonly (string | number)[]) =>
  position.map((part) => (typeof part === 'string' ? 'string' : 'number'));
const ascii = fc.string({ unit: 'grapheme-ascii' });

test('what is written is read back, and can stand in an address', () => {
  const positions = fc.array(fc.oneof(ascii, fc.integer()), { maxLength: 4 });
  fc.assert(
    fc.property(positions, (position) => {
      const cursor = writeCursor(position);
      expect(cursor).toMatch(/^[\w-]*$/);
      expect(readCursor(cursor, kindsOf(position))).toEqual(position);
    }),
  );
});

test('what somebody else has written is no cursor, or one of the form that was asked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = readCursor(text, ['string', 'number']);
      expect(read === null || kindsOf(read).join(' ') === 'string number').toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(readCursor('%%%', ['string'])).toBeNull();
});

test.each([
  [writeCursor(['a']), ['number']],
  [writeCursor(['a', 1]), ['string']],
  [writeCursor([]), ['string']],
  [btoa('{"0":"a","length":1}'), ['string']],
  [btoa('null'), []],
] as const)('%s is no cursor of %j', (cursor, kinds) => {
  expect(readCursor(cursor, kinds)).toBeNull();
});

test.each([
  [0, true],
  [Date.UTC(2199, 11, 31), true],
  [Date.UTC(2200, 0, 1), false],
  [-1, false],
  [0.5, false],
  [NaN, false],
  [Infinity, false],
])('whether %d can be the instant of a list: %s', (position, isOurs) => {
  expect(isListedInstant(position)).toBe(isOurs);
});
