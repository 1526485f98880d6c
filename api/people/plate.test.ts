import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../calendar/csv-records.ts';
import { maskPlate, parsePlate, plateFault } from './plate.ts';

const vectors = readCsv(readFileSync(new URL('../../tests/vectors/plates.csv', import.meta.url), 'utf8'))
  .records.slice(1)
  .map((record) => record.fields as [string, string, string, string]);

describe('a licence plate is read', () => {
  test('the vectors have thirteen', () => expect(vectors).toHaveLength(13));

  test.each(vectors)('%s becomes %o, class %o, valid: %s', (input, plate, plateClass, valid) => {
    expect(parsePlate(input)).toEqual(valid === 'true' ? { plate, plateClass } : null);
  });

  test.each(['沪Ａ１２３４５', '沪a・12345', '沪A•12345', ' 沪A-123 45 ', '沪A\u200B12345', '沪A.12345'])(
    '%o is 沪A12345',
    (input) => {
      expect(parsePlate(input)?.plate).toBe('沪A12345');
    },
  );

  test.each(['沪A1234警', '沪A1234挂', '沪A1234领', '京A1234使', '粤Z1234港', '粤ZF234澳'])(
    '%s is an ordinary plate',
    (input) => {
      expect(parsePlate(input)).toEqual({ plate: input, plateClass: 'ordinary' });
    },
  );

  test.each('ABCDEFGHJK'.split(''))(
    '%s marks a new-energy vehicle, third when it is small and last when it is large',
    (letter) => {
      expect(parsePlate(`沪A${letter}12345`)?.plateClass).toBe('new-energy');
      expect(parsePlate(`沪A12345${letter}`)?.plateClass).toBe('new-energy');
    },
  );

  test('a small new-energy plate may have a letter after its energy letter', () => {
    expect(parsePlate('沪ADA1234')).toEqual({ plate: '沪ADA1234', plateClass: 'new-energy' });
  });

  test.each([
    ['a letter that marks no new energy', '沪AL12345'],
    ['a new-energy plate with letters among its last four', '沪AD12A45'],
    ['a large new-energy plate with a letter among its five', '沪A1A345F'],
    ['a Hong Kong plate of another province', '沪A1234港'],
    ['a special plate with five signs', '沪A12345学'],
    ['two special characters', '沪A123学警'],
    ['a character that is no province', '海A12345'],
    ['I as the office', '沪I12345'],
    ['a dotless i', '沪Aı2345'],
    ['nine characters', '沪AD123456'],
    ['two plates', '沪A12345沪A12345'],
    ['emoji', '沪A1234😀'],
    ['markup', '沪A1<b>'],
    ['only separators', ' ·- '],
    ['nothing', ''],
  ])('%s is refused', (_what, input) => {
    expect(parsePlate(input)).toBeNull();
  });

  test('however a plate is decorated it is one vehicle, and reading it again changes nothing', () => {
    fc.assert(
      fc.property(somePlate(), someSeparators(), (plate, between) => {
        const written = plate
          .split('')
          .map((sign, index) => between[index] + sign.toLowerCase())
          .join('');
        const read = parsePlate(written);
        expect(read?.plate).toBe(plate);
        expect(parsePlate(plate)).toEqual(read);
        expect(read?.plateClass).toBe(plate.length === 8 ? 'new-energy' : 'ordinary');
      }),
    );
  });

  test('the signs of an ordinary plate are all digits and letters but I and O', () => {
    const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
    expect(signs.filter((sign) => parsePlate(`沪A1234${sign}`) === null)).toEqual(['I', 'O']);
  });
});

test.each([
  ['沪AI2345', 'sign'],
  ['沪AO2345', 'sign'],
  ['沪A123456', 'energy'],
  ['A12345', 'province'],
  ['沪12345A', 'office'],
  ['沪A1234', 'length'],
  ['沪I12345', 'office'],
  ['沪AL12345', 'energy'],
  ['沪A1234港', 'sign'],
  ['沪A12345学', 'energy'],
  ['沪', 'length'],
  ['', 'province'],
  ['沪A·12345', null],
])('what is wrong with %o is its %s', (input, fault) => {
  expect(plateFault(input)).toBe(fault);
});

test('whatever is no plate has something wrong with it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 10 }), (text) => {
      expect(plateFault(text) === null).toBe(parsePlate(text) !== null);
    }),
  );
});

test.each([
  ['沪A12345', '沪A·***45'],
  ['沪AD12345', '沪A·****45'],
  ['沪B9999学', '沪B·***9学'],
])('%s is masked as %s', (plate, masked) => {
  expect(maskPlate(plate)).toBe(masked);
});

function somePlate(): fc.Arbitrary<string> {
  const office = fc.constantFrom('沪A', '京C', '苏E', '粤B', '新R');
  const digits = (count: number) => fc.integer({ min: 10 ** (count - 1), max: 10 ** count - 1 }).map(String);
  const energy = fc.constantFrom(...'ABCDEFGHJK'.split(''));
  const serial = fc.oneof(
    digits(5),
    fc.tuple(digits(4), fc.constantFrom(...'XYZ学警领使挂'.split(''))).map((parts) => parts.join('')),
    fc.tuple(energy, digits(5)).map((parts) => parts.join('')),
    fc.tuple(digits(5), energy).map((parts) => parts.join('')),
  );
  return fc.tuple(office, serial).map((parts) => parts.join(''));
}

/** What may stand before each of at most eight characters. */
function someSeparators(): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom('', '', ' ', '·', '-', '\u3000'), { minLength: 8, maxLength: 8 });
}
