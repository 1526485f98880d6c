import { describe, expect, test } from 'vitest';
import type { Booking, Slot } from '$lib/api.ts';
import { obstacleOf, sessionsOf, type Child, type Class } from './sessions.ts';

const room = { id: 'summer-1-a', facts: { grades: { from: 1, to: 5 } } } as Class;
const slotOf = (firstDay: string, lastDay: string, remaining: number): Slot =>
  ({
    id: firstDay,
    resourceId: room.id,
    serviceDate: firstDay,
    firstDay,
    lastDay,
    startsAt: `${firstDay}T08:30:00+08:00`,
    endsAt: `${lastDay}T16:30:00+08:00`,
    capacity: 35,
    remaining,
    state: remaining > 0 ? 'open' : 'full',
  }) as Slot;
const july = slotOf('2027-07-05', '2027-07-23', 12);
const august = slotOf('2027-07-26', '2027-08-13', 0);
const pupil: Child = { id: 'c-1', name: '陈一一', grade: 2, verified: true };
const enrolment = {
  id: 'b-1',
  kind: 'childcare',
  startsAt: july.startsAt,
  endsAt: july.endsAt,
  details: { childId: pupil.id },
} as Booking;

describe('sessions of the summer', () => {
  test('stand in their order with what is left of all classes', () => {
    const sessions = sessionsOf([room], [august, july]);
    expect(sessions.map(({ firstDay, weeks, remaining }) => [firstDay, weeks, remaining])).toEqual([
      ['2027-07-05', 3, 12],
      ['2027-07-26', 3, 0],
    ]);
  });
});

describe('a child', () => {
  test('can take a place in its grade', () => {
    expect(obstacleOf(pupil, room, july, [])).toBeNull();
  });
  test.each([
    [{ ...pupil, verified: false }, 'unverified'],
    [{ ...pupil, grade: 6 }, 'grade'],
    [{ ...pupil, grade: null }, 'grade'],
  ])('cannot when %o: %s', (child, name) => {
    expect(obstacleOf(child, room, july, [])).toEqual({ name });
  });
  test('cannot be in two classes of the same weeks, but in the next session', () => {
    expect(obstacleOf(pupil, room, july, [enrolment])).toEqual({ name: 'enrolled', bookingId: 'b-1' });
    expect(obstacleOf(pupil, room, august, [enrolment])).toBeNull();
  });
});
