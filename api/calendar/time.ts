import { DateTime, Settings } from 'luxon';
import { remembering } from './remembering.ts';
import { zoneNamed } from './zone.ts';

declare module 'luxon' {
  interface TSSettings {
    throwOnInvalid: true;
  }
}
Settings.throwOnInvalid = true;

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;
/** A calendar date without a zone, `YYYY-MM-DD`. */
export type IsoDate = string;
/** A wall time without a zone, `HH:MM`, `00:00` to `23:59`. */
export type LocalTime = string;
/** From `startsAt` up to, but not including, `endsAt`. */
export type HalfOpen = { startsAt: Instant; endsAt: Instant };

/** A text that should have been a date, a wall time, a month or an RFC 3339 instant. */
export class InvalidTimeText extends Error {
  override readonly name = 'InvalidTimeText';
  readonly text: string;

  constructor(text: string, expected: string) {
    super(`${JSON.stringify(text.slice(0, 64))} is not ${expected}`);
    this.text = text;
  }
}

/** A wall time that the zone's clocks skip, e.g. 02:30 in the night in which summer time begins. */
export class NonexistentLocalTime extends Error {
  override readonly name = 'NonexistentLocalTime';

  constructor(date: IsoDate, time: LocalTime, zone: string) {
    super(`${date} ${time} does not exist in ${zone}`);
  }
}

const MINUTE_MILLISECONDS = 60_000;
const DAY_MILLISECONDS = 86_400_000;
/** Ten years: longer than any schedule or report, short enough that a mistyped year cannot exhaust the memory. */
const MAX_DATES = 3_660;
const MAX_REMEMBERED = 8_192;
const MAX_REMEMBERED_ZONES = 64;

/**
 * The instant at which the zone's clocks show this date and time: the first one when they show it twice.
 * Throws `NonexistentLocalTime` when they never do, `InvalidTimeText` when date or time is malformed.
 */
export function instantOf(date: IsoDate, time: LocalTime, zone: string): Instant {
  const midnight = utcMidnight(date);
  const minutes = minutesOfDay(time);
  const wall = midnight.set({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const local = wall.setZone(zoneNamed(zone), { keepLocalTime: true });
  const shownExactly = local.hour === wall.hour && local.minute === wall.minute && local.day === wall.day;
  if (!shownExactly) throw new NonexistentLocalTime(date, time, zone);
  return first(local);
}

/** The first instant of a date: midnight, or the moment after the gap where the clocks skip midnight. */
export function startOfDay(date: IsoDate, zone: string): Instant {
  return first(utcMidnight(date).setZone(zoneNamed(zone), { keepLocalTime: true }).startOf('day'));
}

/** RFC 3339 with the zone's offset, milliseconds only when there are any: `2026-11-23T18:30:00+08:00`. */
export function toText(instant: Instant, zone: string): string {
  return textsIn(zone)(instant);
}

/** A list shows the same instants again and again. */
const textsIn = remembering(MAX_REMEMBERED_ZONES, (zone: string) =>
  remembering(MAX_REMEMBERED, (instant: Instant) => textOf(instant, zone)),
);

function textOf(instant: Instant, zone: string): string {
  // RFC 3339 has no seconds in an offset; zones had them before 1972. Cut, the text still names the same instant.
  const offsetMinutes = Math.trunc(zoneNamed(zone).offset(instant));
  const local = instant + offsetMinutes * MINUTE_MILLISECONDS;
  const day = Math.floor(local / DAY_MILLISECONDS);
  return `${dateOfDay(day)}T${clockText(local - day * DAY_MILLISECONDS)}${offsetText(offsetMinutes)}`;
}

const RFC_3339 =
  /^\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads RFC 3339, the only form of an instant that the API takes; fractions beyond milliseconds are cut.
 * Throws `InvalidTimeText` for anything else: no offset, a date that is none, a leap second.
 */
export function parseInstant(text: string): Instant {
  const expected = 'an RFC 3339 instant with offset, e.g. 2026-11-23T18:30:00+08:00';
  if (!RFC_3339.test(text)) throw new InvalidTimeText(text, expected);
  try {
    return DateTime.fromISO(text.toUpperCase(), { zone: 'utc' }).toMillis();
  } catch {
    throw new InvalidTimeText(text, expected);
  }
}

/** The date that the zone's calendars show at the instant. */
export function dateOf(instant: Instant, zone: string): IsoDate {
  const local = instant + zoneNamed(zone).offset(instant) * MINUTE_MILLISECONDS;
  return dateOfDay(Math.floor(local / DAY_MILLISECONDS));
}

/** What the zone's clocks show at the instant, `HH:MM`. */
export function localTimeOf(instant: Instant, zone: string): LocalTime {
  return toText(instant, zone).slice(11, 16);
}

/** The date `days` later; earlier when negative. */
export function plusDays(date: IsoDate, days: number): IsoDate {
  return dateOfDay(dayOf(date) + days);
}

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: IsoDate): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  // Day 0, 1970-01-01, was a Thursday.
  const sinceMonday = (((dayOf(date) + 3) % 7) + 7) % 7;
  return (sinceMonday + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
}

/** Both ends included; empty when `to` is before `from`. Throws `RangeError` for more than ten years. */
export function datesBetween(from: IsoDate, to: IsoDate): IsoDate[] {
  const firstDay = dayOf(from);
  const count = Math.max(0, dayOf(to) - firstDay + 1);
  if (count > MAX_DATES) throw new RangeError(`${from} to ${to} is more than ${MAX_DATES} days`);
  return Array.from({ length: count }, (_, index) => dateOfDay(firstDay + index));
}

/** The last date of the month that the date is in. */
export function endOfMonth(date: IsoDate): IsoDate {
  return utcMidnight(date).endOf('month').toISODate();
}

/** Every date of a month given as `YYYY-MM`; throws `InvalidTimeText` for another form. */
export function monthDates(month: string): IsoDate[] {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) throw new InvalidTimeText(month, 'a month, YYYY-MM');
  return datesBetween(`${month}-01`, endOfMonth(`${month}-01`));
}

/** The instant so many minutes of elapsed time earlier. */
export function minutesBefore(instant: Instant, minutes: number): Instant {
  return instant - minutes * MINUTE_MILLISECONDS;
}

/** The instant so many minutes of elapsed time later. */
export function minutesAfter(instant: Instant, minutes: number): Instant {
  return instant + minutes * MINUTE_MILLISECONDS;
}

function first(local: DateTime): Instant {
  return Math.min(...local.getPossibleOffsets().map((possible) => possible.toMillis()));
}

function minutesOfDay(time: LocalTime): number {
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) throw new InvalidTimeText(time, 'a local time, HH:MM');
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function utcMidnight(date: IsoDate): DateTime {
  return DateTime.fromMillis(dayOf(date) * DAY_MILLISECONDS, { zone: 'utc' });
}

/* Dates are counted in days since 1970-01-01; luxon reads and writes them, and what it said is remembered both ways. */
const dayOf = remembering(MAX_REMEMBERED, (date: IsoDate): number => {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new InvalidTimeText(date, 'a date, YYYY-MM-DD');
  try {
    return DateTime.fromISO(date, { zone: 'utc' }).toMillis() / DAY_MILLISECONDS;
  } catch {
    throw new InvalidTimeText(date, 'a date, YYYY-MM-DD');
  }
});

const dateOfDay = remembering(MAX_REMEMBERED, (day: number): IsoDate => {
  const moment = DateTime.fromMillis(day * DAY_MILLISECONDS, { zone: 'utc' });
  if (moment.year < 0 || moment.year > 9999) throw new RangeError(`the year ${moment.year} has no four digits`);
  return moment.toISODate();
});

const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/** `HH:MM:SS`, with `.mmm` when the milliseconds are not zero. */
function clockText(millisecondsOfDay: number): string {
  const milliseconds = millisecondsOfDay % 1_000;
  const seconds = (millisecondsOfDay - milliseconds) / 1_000;
  const minutes = Math.floor(seconds / 60);
  const clock = `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}`;
  return milliseconds === 0 ? clock : `${clock}.${String(milliseconds).padStart(3, '0')}`;
}

/** `+08:00`; UTC is `+00:00`, since RFC 3339 reads `-00:00` as "offset unknown". */
function offsetText(minutes: number): string {
  const distance = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits[Math.floor(distance / 60)]}:${twoDigits[distance % 60]}`;
}

/** A wall time some minutes later on the clock; past midnight it begins again at 00:00. */
export function localTimeAfter(time: LocalTime, minutes: number): LocalTime {
  const later = (((minutesOfDay(time) + minutes) % 1440) + 1440) % 1440;
  return `${String(Math.floor(later / 60)).padStart(2, '0')}:${String(later % 60).padStart(2, '0')}`;
}
