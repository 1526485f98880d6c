import { expect, test } from 'vitest';
import { keysAfter, plateText } from './plate-keys.ts';

const offered = (typed: string): string =>
  keysAfter(typed)
    .filter(({ isOn }) => isOn)
    .map(({ key }) => key)
    .join('');

test('a plate begins with a province and goes on with a letter', () => {
  expect([offered('').length, offered('').startsWith('沪')]).toEqual([31, true]);
  expect(offered('沪')).toBe('ABCDEFGHJKLMNPQRSTUVWXYZ');
});

test('then come digits and letters, never I or O, and the special signs only where a plate may end', () => {
  expect(offered('沪A')).toBe('1234567890ABCDEFGHJKLMNPQRSTUVWXYZ');
  expect(offered('沪B9999')).toContain('学');
  expect(offered('沪B99999')).not.toContain('学');
});

test('a full plate takes no more', () => expect(offered('沪AD12345')).toBe(''));

test.each([
  ['沪A·12345', '沪A12345'],
  [' 沪a 8k3x9 ', '沪A8K3X9'],
  ['沪ＡＤ１２３４５', '沪AD12345'],
  ['沪AD123456', '沪AD12345'],
])('what is pasted is shown by its characters: %o', (typed, shown) => expect(plateText(typed)).toBe(shown));
