import { describe, expect, test } from 'vitest';
import type { Slot } from '$lib/api.ts';
import { firstDayToOrder, lunchDays, lunchState, nearestOpen, nextDayAfter, quietestWindow } from './lunch-day.ts';

const windowAt = (time: string, remaining: number, more: Partial<Slot> = {}): Slot =>
  ({
    id: time,
    serviceDate: '2026-11-24',
    startsAt: `2026-11-24T${time}:00+08:00`,
    capacity: 60,
    remaining,
    state: remaining > 0 ? 'open' : 'full',
    opensAt: '2026-11-23T15:00:00+08:00',
    closesAt: '2026-11-24T10:00:00+08:00',
    ...more,
  }) as Slot;
const workday = (date: string) => ({ date, kind: 'workday', name: null }) as const;

describe('the window that is offered first', () => {
  test('is the emptiest', () => {
    expect(quietestWindow([windowAt('11:00', 20), windowAt('11:15', 50), windowAt('11:30', 30)])?.id).toBe('11:15');
  });
  test('is the one in the middle of lunch among equals', () => {
    const all = ['11:00', '11:15', '11:30', '11:45', '12:00'].map((time) => windowAt(time, 60));
    expect(quietestWindow(all)?.id).toBe('11:30');
  });
  test('is none where nothing can be booked', () => {
    expect(quietestWindow([windowAt('11:00', 0), windowAt('11:15', 60, { state: 'closed' })])).toBeUndefined();
  });
});

test('instead of a full window the nearest open ones are offered', () => {
  const full = windowAt('11:30', 0);
  const all = [windowAt('11:00', 9), windowAt('11:15', 0), full, windowAt('11:45', 3), windowAt('12:45', 60)];
  expect(nearestOpen(all, full).map(({ id }) => id)).toEqual(['11:45', '11:00']);
});

test('several windows are open as long as one of them is, and off when there are none', () => {
  expect(lunchState([windowAt('11:00', 0), windowAt('11:15', 1)])).toBe('open');
  expect(lunchState([windowAt('11:00', 0)])).toBe('full');
  expect(lunchState([])).toBe('off');
});

describe('the day', () => {
  const tomorrow = windowAt('11:00', 60, { serviceDate: '2026-11-25', state: 'upcoming' });
  const calendar = [workday('2026-11-24'), workday('2026-11-25')];
  test('that is shown first is one on which something can be ordered', () => {
    const late = lunchDays(calendar, [windowAt('11:00', 60, { state: 'closed' }), { ...tomorrow, state: 'open' }]);
    expect(firstDayToOrder(late)?.date).toBe('2026-11-25');
  });
  test('after the cut-off is followed by the next with a menu to come', () => {
    const late = lunchDays(calendar, [windowAt('11:00', 60, { state: 'closed' }), tomorrow]);
    expect(firstDayToOrder(late)?.date).toBe('2026-11-24');
    expect(nextDayAfter(late, '2026-11-24')?.date).toBe('2026-11-25');
  });
  test('counts only places that can be booked', () => {
    const [day] = lunchDays(
      [workday('2026-11-24')],
      [windowAt('11:00', 5), windowAt('11:15', 60, { state: 'closed' })],
    );
    expect(day).toMatchObject({ state: 'open', remaining: 5 });
  });
});
