import { expect, test } from 'vitest';
import { byWalk, walkBetween } from './walking.ts';

const guangqi = { lat: 31.1816, lng: 121.4044 };
const qinzhou = { lat: 31.1801, lng: 121.405 };
const nowhere = { lat: null, lng: null };

test('a walk is told to ten metres and never less than a minute', () => {
  expect(walkBetween(guangqi, qinzhou, 80)).toEqual({ metres: 230, minutes: 3 });
  expect(walkBetween(guangqi, qinzhou, 40)?.minutes).toBe(6);
  expect(walkBetween(guangqi, guangqi, 80)).toEqual({ metres: 0, minutes: 1 });
});

test('a walk from or to an unknown place is unknown', () => {
  expect(walkBetween(guangqi, nowhere, 80)).toBeNull();
  expect(walkBetween(null, guangqi, 80)).toBeNull();
});

test('what is nearest comes first, what is unknown last and in its own order', () => {
  const lots = [
    { id: 'unknown-1', place: nowhere },
    { id: 'far', place: qinzhou },
    { id: 'unknown-2', place: null },
    { id: 'here', place: guangqi },
  ];
  expect(byWalk(lots, guangqi).map(({ id }) => id)).toEqual(['here', 'far', 'unknown-1', 'unknown-2']);
  expect(byWalk(lots, null).map(({ id }) => id)).toEqual(['unknown-1', 'far', 'unknown-2', 'here']);
});
