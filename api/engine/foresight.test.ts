import { expect, test } from 'vitest';
import { engineSlot } from '../../tests/support/engine-slot.ts';
import { Foresight } from './foresight.ts';

const slots = (...ids: number[]) => new Map(ids.map((id) => [id, engineSlot(id, { capacity: 9, taken: 2 })]));
const taking = (slotId: number, units: number) => ({ draft: { lines: [{ slotId, units }] } });
const takenOf = (foresight: Foresight, ...ids: number[]) => {
  const expected = foresight.of(ids);
  return expected && [...expected.values()].map(({ taken }) => taken);
};

test('slots are expected to be as the last bookings leave them', () => {
  const foresight = new Foresight();
  expect(takenOf(foresight, 1)).toBeNull();
  foresight.expect(slots(1, 2), [taking(1, 3), taking(1, 1)]);
  expect(takenOf(foresight, 1, 2)).toEqual([6, 2]);
  foresight.expect(foresight.of([1])!, [taking(1, 1)]);
  expect(takenOf(foresight, 1)).toEqual([7]);
});

test('nothing is expected of a batch of which one slot is not known', () => {
  const foresight = new Foresight();
  foresight.expect(slots(1), []);
  expect(takenOf(foresight, 1, 2)).toBeNull();
  foresight.forget([1]);
  expect(takenOf(foresight, 1)).toBeNull();
});

test('after one that was wrong some batches rely on nothing', () => {
  const foresight = new Foresight();
  foresight.expect(slots(1, 2), []);
  foresight.doubt([1]);
  const seen = Array.from({ length: 9 }, () => takenOf(foresight, 2));
  expect(seen).toEqual([...Array.from({ length: 8 }, () => null), [2]]);
  expect(takenOf(foresight, 1)).toBeNull();
});

test('who is wrong again and again relies on nothing for longer and longer, until right once', () => {
  const foresight = new Foresight();
  const batchesInDoubt = () => {
    foresight.expect(slots(1), []);
    foresight.doubt([2]);
    let batches = 0;
    while (takenOf(foresight, 1) === null) batches++;
    return batches;
  };
  expect(Array.from({ length: 7 }, batchesInDoubt)).toEqual([8, 16, 32, 64, 128, 256, 256]);
  foresight.trust();
  expect(batchesInDoubt()).toBe(8);
});

test('however many slots there are, few are remembered', () => {
  const foresight = new Foresight();
  for (let id = 1; id <= 1_001; id++) foresight.expect(slots(id), []);
  expect([takenOf(foresight, 1), takenOf(foresight, 1_001)]).toEqual([null, [2]]);
});
