import { expect, test } from 'vitest';
import { newId } from './new-id.ts';

test('ids are uuids of version 7, each above the last, and no two are alike', () => {
  const ids = Array.from({ length: 5_000 }, newId);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the random bytes of one id are not those of another', () => {
  const tails = Array.from({ length: 1_000 }, () => newId().slice(-8));
  expect(new Set(tails).size).toBe(tails.length);
});
