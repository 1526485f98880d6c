import { expect, test } from 'vitest';
import type { Dish, Slot } from '$lib/api.ts';
import type { Ride } from '$lib/rides.ts';
import { isInTimeForHome, isInTimeForLunch, partsOf, tightParts, totalFen, type DayPlan } from './plan.ts';

const at = (time: string) => `2026-11-24T${time}:00+08:00`;
const ride = (departs: string, arrives: string) =>
  ({ departsAt: at(departs), arrivesAt: at(arrives), priceFen: 200 }) as Ride;
const window = { resourceId: 'east', startsAt: at('11:30'), endsAt: at('11:45') } as Slot;
const dishes = [{ priceFen: 1_500 }, { priceFen: 300 }] as Dish[];
const walks = { east: 10 };

test('lunch is in time while one comes, with the walk, before its window is over', () => {
  expect(isInTimeForLunch(ride('11:10', '11:34'), window, walks)).toBe(true);
  expect(isInTimeForLunch(ride('11:10', '11:35'), window, walks)).toBe(false);
  expect(isInTimeForLunch(ride('11:10', '11:35'), window, { east: null })).toBe(true);
});

test('a ride home is in time when one can walk to the stop after the window has begun', () => {
  expect(isInTimeForHome(window, ride('11:40', '12:00'), walks)).toBe(true);
  expect(isInTimeForHome(window, ride('11:39', '12:00'), walks)).toBe(false);
});

test('a plan says which parts are too tight, in what order they are booked, and what they cost together', () => {
  const plan: DayPlan = { toWork: ride('11:10', '11:40'), lunch: { window, dishes }, home: ride('11:35', '11:50') };
  expect(tightParts(plan, walks)).toEqual(['lunch', 'home']);
  expect(partsOf(plan)).toEqual(['toWork', 'lunch', 'home']);
  expect(totalFen(plan)).toBe(2_200);
  const easy = { ...plan, toWork: ride('08:10', '08:25'), home: ride('18:10', '18:25') };
  expect(tightParts(easy, walks)).toEqual([]);
  expect(partsOf({ ...easy, lunch: { window, dishes: [] }, home: null })).toEqual(['toWork']);
});
