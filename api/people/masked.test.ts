import { expect, test } from 'vitest';
import { maskName } from './masked.ts';

test.each([
  ['王阿姨', '王**'],
  ['小林', '小*'],
  ['欧阳娜娜', '欧**'],
  ['林', '林*'],
  ['John Smith', 'J**'],
  ['138****0001', '138****0001'],
])('of the name %s others see %s', (name, masked) => {
  expect(maskName(name)).toBe(masked);
});
