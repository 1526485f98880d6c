import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../calendar/csv-records.ts';
import { maskPhone, normalisePhone } from './phone.ts';

const vectors = readCsv(readFileSync(new URL('../../tests/vectors/ids.csv', import.meta.url), 'utf8'))
  .records.filter((record) => record.fields[0] === 'phone')
  .map((record) => record.fields as [string, string, string, string]);

describe('a phone number is normalised', () => {
  test('the vectors have five', () => expect(vectors).toHaveLength(5));

  test.each(vectors)('%s %o becomes %o (valid: %s)', (_kind, input, normalised, valid) => {
    expect(normalisePhone(input)).toBe(valid === 'true' ? normalised : null);
  });

  test.each([
    ['full-width digits', '１３８０００００００１'],
    ['a full-width plus and space', '＋８６　１３８０００００００１'],
    ['dots', '138.0000.0001'],
    ['parentheses', '(+86) 138-0000-0001'],
    ['an en dash and a no-break space', '138–0000\u00A00001'],
    ["a contact list's direction marks", '\u202A+86 138 0000 0001\u202C'],
    ['the international prefix', '0086 13800000001'],
  ])('%s are accepted', (_what, input) => {
    expect(normalisePhone(input)).toBe('+8613800000001');
  });

  test.each([
    ['a landline', '021-64850000'],
    ['another country', '+1 415 555 2671'],
    ['another country with a mainland tail', '+8513800000001'],
    ['the country code twice', '+86 86 13800000001'],
    ['a digit too many', '138000000011'],
    ['letters', '1380000000a'],
    ['two numbers', '13800000001,13800000002'],
    ['Arabic-Indic digits', '١٣٨٠٠٠٠٠٠٠١'],
    ['emoji digits', '1️⃣3800000001'],
    ['a line of SQL', "13800000001'; --x"],
    ['nothing', ''],
  ])('%s is refused', (_what, input) => {
    expect(normalisePhone(input)).toBeNull();
  });

  test('however a number is written it is one person', () => {
    fc.assert(
      fc.property(
        someNumber(),
        someSeparators(),
        fc.constantFrom('', '+86', '86', '0086'),
        (number, between, prefix) => {
          const written =
            prefix +
            number
              .split('')
              .map((digit, index) => between[index] + digit)
              .join('');
          expect(normalisePhone(written)).toBe(`+86${number}`);
          expect(normalisePhone(`+86${number}`)).toBe(`+86${number}`);
        },
      ),
    );
  });
});

describe('a phone number is masked', () => {
  test('the first three and the last four digits stay', () => {
    expect(maskPhone('+8613800008001')).toBe('138****8001');
  });

  test('what is not a number shows nothing of itself', () => {
    expect(maskPhone('secret')).toBe('****');
  });

  test('the four digits between are never shown', () => {
    fc.assert(
      fc.property(someNumber(), (number) => {
        expect(maskPhone(`+86${number}`)).toBe(`${number.slice(0, 3)}****${number.slice(7)}`);
      }),
    );
  });
});

function someNumber(): fc.Arbitrary<string> {
  return fc.integer({ min: 13_000_000_000, max: 19_999_999_999 }).map(String);
}

/** What may stand before each of the eleven digits. */
function someSeparators(): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom('', '', ' ', '-', '\u3000', '\u200B'), { minLength: 11, maxLength: 11 });
}
