import { describe, expect, test } from 'vitest';
import type { Slot } from '$lib/api.ts';
import { choiceFrom, joinedStays, monthsFrom, parkingHref, toggled, type Lot } from './choice.ts';

const today = '2026-11-24';
const lots = [{ id: 'full-lot' }, { id: 'free-lot' }] as Lot[];
const aNight = (serviceDate: string, state: Slot['state'] = 'open', resourceId = 'free-lot'): Slot =>
  ({ id: serviceDate, serviceDate, state, resourceId }) as Slot;
const tonight = [aNight(today, 'full', 'full-lot'), aNight(today)];
const choose = (query: string) => choiceFrom(new URLSearchParams(query), lots, tonight, today);

describe('the choice', () => {
  test('is the first lot with a space tonight, in this week', () => {
    expect(choose('')).toEqual({
      lotId: 'free-lot',
      week: '2026-11-23',
      date: null,
      month: null,
      calendar: '2026-11',
      nights: [],
      isConfirming: false,
      near: null,
    });
  });
  test('is what the address asks for', () => {
    expect(choose('lot=full-lot&date=2026-12-03')).toMatchObject({
      lotId: 'full-lot',
      week: '2026-11-30',
      date: '2026-12-03',
    });
    expect(choose('month=2026-12').month).toBe('2026-12');
  });
  test.each(['date=2026-11-01', 'date=yesterday', 'date=2026-13-45', 'month=2026-10', 'month=2026-99', 'lot=nowhere'])(
    'falls back when it is past or unknown: %s',
    (query) => expect(choose(query)).toEqual(choose('')),
  );
});

describe('the nights of the calendar', () => {
  test('are those of the address, once each and in order, and open its month', () => {
    const choice = choose('nights=2026-12-05,2026-12-01,2026-12-05,2026-11-01,nonsense');
    expect([choice.nights, choice.calendar]).toEqual([['2026-12-01', '2026-12-05'], '2026-12']);
  });
  test('are taken up and put down again', () => {
    expect(toggled(['2026-12-05'], '2026-12-01')).toEqual(['2026-12-01', '2026-12-05']);
    expect(toggled(['2026-12-01', '2026-12-05'], '2026-12-01')).toEqual(['2026-12-05']);
  });
  test('survive the way to the sheet and back', () => {
    const href = parkingHref({ lotId: 'a', nights: ['2026-12-01'], calendar: '2026-12', isConfirming: true });
    expect(href).toBe('/parking?lot=a&calendar=2026-12&nights=2026-12-01&confirm=1');
  });
});

describe('joined stays', () => {
  test('grow night by night until one is full', () => {
    const first = aNight('2026-11-24');
    const nights = [first, aNight('2026-11-25'), aNight('2026-11-26', 'full'), aNight('2026-11-27')];
    expect(joinedStays(nights, first).map((stay) => stay.length)).toEqual([1, 2]);
  });
  test('do not jump a date without a slot', () => {
    const first = aNight('2026-11-24');
    expect(joinedStays([first, aNight('2026-11-26')], first)).toEqual([[first]]);
  });
  test('stay in one lot', () => {
    const first = aNight('2026-11-24');
    expect(joinedStays([first, aNight('2026-11-25', 'open', 'full-lot')], first)).toEqual([[first]]);
  });
});

test('the months are this one and the next, over the end of the year', () => {
  expect(monthsFrom('2026-12-31')).toEqual(['2026-12', '2027-01']);
  expect(monthsFrom('2027-01-31')).toEqual(['2027-01', '2027-02']);
});

test('an address with a night or a month asks to confirm it', () => {
  expect(parkingHref({ lotId: 'a' })).toBe('/parking?lot=a');
  expect(parkingHref({ lotId: 'a', date: today })).toBe('/parking?lot=a&date=2026-11-24&confirm=1');
});
