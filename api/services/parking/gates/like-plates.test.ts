import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { likenessOf } from './like-plates.ts';

test.each([
  ['沪AD2345', '沪A02345'],
  ['沪A1234B', '沪A12348'],
  ['沪AI2345', '沪A72345'],
  ['沪AZ2345', '沪A22345'],
  ['泸A12345', '沪A12345'],
  ['沪A1234S', '沪A12345'],
  ['泸ADZ34S', '沪A02345'],
])('%s is a misreading of %s', (read, plate) => {
  expect(likenessOf(read, plate)).toBe('confusable');
});

test.each([
  ['沪A1234', '沪A12345', 'a character is missing'],
  ['沪A123459', '沪A12345', 'there is one too many'],
  ['沪A92345', '沪A12345', 'one is another'],
  ['苏A12345', '沪A12345', 'the province is another'],
  ['AI2345', '沪A12345', 'one is mixed up and one missing'].map(String) as [string, string, string],
])('%s may be %s: %s', (read, plate) => {
  expect(likenessOf(read, plate)).toBe('one-off');
});

test.each([
  ['沪A12345', '沪A12345'],
  ['沪A99345', '沪A12345'],
  ['沪B54321', '沪A12345'],
  ['', '沪A12345'],
])('%s is not like %s', (read, plate) => {
  expect(likenessOf(read, plate)).toBeNull();
});

const plates = fc.array(fc.constantFrom(...'沪泸A0D8B12Z345'), { maxLength: 8 }).map((signs) => signs.join(''));

test('plates are like one another or not, whichever was read', () => {
  fc.assert(
    fc.property(plates, plates, (a, b) => {
      expect(likenessOf(a, b)).toBe(likenessOf(b, a));
    }),
  );
});
