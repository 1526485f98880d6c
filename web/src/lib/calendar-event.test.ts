import { describe, expect, test } from 'vitest';
import { icsOf, type CalendarEvent } from './calendar-event.ts';

const lunch: CalendarEvent = {
  id: 'b-1',
  title: '午餐；创新大楼, 红烧肉',
  place: '创新大楼白领食堂',
  description: 'a\\b\nc',
  startsAt: '2026-11-24T11:30:00+08:00',
  endsAt: '2026-11-24T11:45:00+08:00',
  madeAt: '2026-11-24T08:30:00.123+08:00',
  isCancelled: false,
};
const lines = (event: CalendarEvent): string[] => icsOf(event).split('\r\n');

describe('an event for calendar apps', () => {
  test('has its instants in UTC, without punctuation', () => {
    expect(lines(lunch)).toEqual(
      expect.arrayContaining(['DTSTART:20261124T033000Z', 'DTEND:20261124T034500Z', 'DTSTAMP:20261124T003000Z']),
    );
  });
  test('escapes what the format takes for its own', () => {
    expect(lines({ ...lunch, title: 'a,b;c' })).toContain('SUMMARY:a\\,b\\;c');
    expect(lines(lunch)).toContain('DESCRIPTION:a\\\\b\\nc');
  });
  test('has no line above 75 octets, and loses nothing by folding', () => {
    const title = '漕河泾'.repeat(40);
    const text = icsOf({ ...lunch, title });
    for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${title}\r\n`);
  });
  test('takes a cancelled booking out of the calendar', () => {
    expect(lines({ ...lunch, isCancelled: true })).toEqual(
      expect.arrayContaining(['METHOD:CANCEL', 'STATUS:CANCELLED']),
    );
  });
});
