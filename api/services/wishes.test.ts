import { expect, test } from 'vitest';
import { createWishes } from './wishes.ts';

test('who asks over and over counts once; who cannot be told from others, each time', () => {
  const wishes = createWishes();
  wishes.note('a ride', 2, 'somebody: a ride');
  wishes.note('a ride', 2, 'somebody: a ride');
  wishes.note('a ride', 1, 'somebody else: a ride');
  wishes.note('a ride', 1, null);
  wishes.note('a ride', 1, null);
  expect(wishes.take()).toEqual(new Map([['a ride', 5]]));
  wishes.note('a ride', 2, 'somebody: a ride');
  expect(wishes.take()).toEqual(new Map());
});

test('what could not be written is counted with what came meanwhile', () => {
  const wishes = createWishes();
  wishes.note('a ride', 1, null);
  const taken = wishes.take();
  wishes.note('a ride', 1, null);
  wishes.putBack(taken);
  expect(wishes.take()).toEqual(new Map([['a ride', 2]]));
});

test('memory is bounded: neither new things nor new askers make it grow beyond its limits', () => {
  const wishes = createWishes({ things: 2, askers: 2 });
  for (const ride of ['one', 'two', 'three']) wishes.note(ride, 1, null);
  expect([...wishes.take().keys()]).toEqual(['one', 'two']);
  for (const who of ['first', 'second', 'third', 'first', 'third']) wishes.note('a ride', 1, who);
  // The first was forgotten for the third, and counts again; the third is remembered.
  expect(wishes.take()).toEqual(new Map([['a ride', 4]]));
});
