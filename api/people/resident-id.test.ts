import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../calendar/csv-records.ts';
import { containsResidentId } from './resident-id.ts';

const vectors = readCsv(readFileSync(new URL('../../tests/vectors/ids.csv', import.meta.url), 'utf8'))
  .records.filter((record) => record.fields[0] === 'resident_id')
  .map((record) => record.fields as [string, string, string, string]);

describe('a resident-ID number in free text', () => {
  test('the vectors have three', () => expect(vectors).toHaveLength(3));

  test.each(vectors)('%s %o, normalised %o, is one: %s', (_kind, input, normalised, valid) => {
    expect(containsResidentId(input)).toBe(valid === 'true');
    expect(containsResidentId(normalised)).toBe(valid === 'true');
  });

  test.each([
    ['between words', '王小明11010519491231002X，请放行'],
    ['right behind another number', '2026 11010519491231002X'],
    ['in groups', '110105 19491231 002X'],
    ['with hyphens', '110105-1949-1231-002X'],
    ['in full width', '１１０１０５１９４９１２３１００２Ｘ'],
    ['with invisible characters in it', '110105\u200B19491231\u200B002x'],
    ['with a check digit that is no X', '110105194912310038'],
    ['as the second of two', '110105194912310021 11010519491231002X'],
  ])('is found %s', (_where, text) => {
    expect(containsResidentId(text)).toBe(true);
  });

  test.each([
    ['a name', '王小明'],
    ['nothing', ''],
    ['a phone number', '+86 138 0000 0001'],
    ['a number with the wrong check digit', '110105194912310021'],
    ['a longer number that ends in one', '99110105194912310038'],
    ['a longer number that begins with one', '11010519491231003877'],
    ['eighteen digits without a date of birth', '110105194913310021'],
  ])('%s is let through', (_what, text) => {
    expect(containsResidentId(text)).toBe(false);
  });

  test('of the eleven possible check digits exactly one is right', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2026-11-23'), noInvalidDate: true });
    const region = fc.integer({ min: 110_000, max: 659_999 });
    const serial = fc.integer({ min: 0, max: 999 }).map((number) => String(number).padStart(3, '0'));
    fc.assert(
      fc.property(region, day, serial, (region, birth, serial) => {
        const body = `${region}${birth.toISOString().slice(0, 10).replaceAll('-', '')}${serial}`;
        expect('0123456789X'.split('').filter((digit) => containsResidentId(body + digit))).toHaveLength(1);
      }),
    );
  });

  test('a single wrong digit in the serial is noticed', () => {
    const others = '0123456789'.split('').filter((digit) => digit !== '2');
    expect(others.filter((digit) => containsResidentId(`1101051949123100${digit}X`))).toEqual([]);
  });
});
