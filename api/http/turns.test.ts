import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('so many begin at once, the others in the next turns and in their order', async () => {
  const inTurn = createTurns(2, 9);
  const begun: number[] = [];
  for (const number of [1, 2, 3, 4, 5]) inTurn(() => begun.push(number));
  expect(begun).toEqual([1, 2]);
  await nextTurn();
  expect(begun).toEqual([1, 2, 3, 4]);
  await nextTurn();
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});

test('who comes while others wait does not pass them', async () => {
  const inTurn = createTurns(1, 9);
  const begun: string[] = [];
  inTurn(() => begun.push('first'));
  inTurn(() => {
    begun.push('second');
    inTurn(() => begun.push('from within'));
  });
  inTurn(() => begun.push('third'));
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  expect(begun).toEqual(['first', 'second', 'third', 'from within']);
});

test('after a turn in which nobody came, as many begin at once as before', async () => {
  const inTurn = createTurns(1, 9);
  const begun: string[] = [];
  inTurn(() => begun.push('early'));
  await nextTurn();
  await nextTurn();
  inTurn(() => begun.push('late'));
  expect(begun).toEqual(['early', 'late']);
});

test('where too many wait, the others begin at once', async () => {
  const inTurn = createTurns(1, 2);
  const begun: number[] = [];
  for (const number of [1, 2, 3, 4]) inTurn(() => begun.push(number));
  expect(begun).toEqual([1, 4]);
  for (let turn = 0; turn < 2; turn++) await nextTurn();
  expect(begun).toEqual([1, 4, 2, 3]);
});
