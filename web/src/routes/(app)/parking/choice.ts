import type { ResourceOf, Slot } from '$lib/api.ts';
import { isKnown } from '$lib/walking.ts';
import { addDays, daysBetween, monthOf, weekStart, type IsoDate } from '$lib/i18n/dates.ts';

export type Lot = ResourceOf<'parking'>;

/** Nights that are chosen in the calendar at most; a booking may have more, a screen not. */
const chosenAtMost = 31;

/** Days that one stay may join, one after another. */
const joinedAtMost = 7;
const daysInWeek = 7;

/** Where the person is on the page; every part comes from the address. */
export interface ParkingChoice {
  lotId: string;
  /** Monday of the week shown. */
  week: IsoDate;
  date: IsoDate | null;
  /** `YYYY-MM` when a month is looked at instead of a night. */
  month: string | null;
  /** The month of the calendar. */
  calendar: string;
  /** Nights chosen in it, in order. */
  nights: readonly IsoDate[];
  /** Whether they are to be confirmed now. */
  isConfirming: boolean;
  /** The lot from which the walks are counted; null for one whose place is unknown. */
  near: string | null;
}

/** Reads the address; what is unknown, past or not a date falls back to tonight's week and the first lot with a space. */
export function choiceFrom(
  params: URLSearchParams,
  lots: readonly Lot[],
  tonight: readonly Slot[],
  today: IsoDate,
): ParkingChoice {
  const asked = lots.find(({ id }) => id === params.get('lot'));
  const free = lots.find(({ id }) => tonight.some((slot) => slot.resourceId === id && slot.state === 'open'));
  const date = dateOrNull(params.get('date'), today);
  const week = weekStart(dateOrNull(params.get('week'), weekStart(today)) ?? date ?? today);
  const nights = nightsOf(params).flatMap((night) => dateOrNull(night, today) ?? []);
  return {
    lotId: (asked ?? free ?? lots[0])?.id ?? '',
    week,
    date,
    month: monthOrNull(params.get('month'), today),
    calendar: monthOrNull(params.get('calendar'), today) ?? monthOf(nights[0] ?? date ?? today),
    nights,
    isConfirming: params.has('confirm'),
    near: lots.find(({ id, place }) => id === params.get('near') && isKnown(place))?.id ?? null,
  };
}

function monthOrNull(text: string | null, today: IsoDate): string | null {
  return text !== null && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) && text >= monthOf(today) ? text : null;
}

/** The nights that an address names, once each and in order. */
export function nightsOf(params: URLSearchParams): IsoDate[] {
  const named = (params.get('nights') ?? '').split(',').filter((night) => night !== '');
  return [...new Set(named)].toSorted().slice(0, chosenAtMost);
}

/** The chosen nights with one more, or one less. */
export function toggled(nights: readonly IsoDate[], date: IsoDate): IsoDate[] {
  return nights.includes(date) ? nights.filter((night) => night !== date) : [...nights, date].toSorted();
}

function dateOrNull(text: string | null, earliest: IsoDate): IsoDate | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`))) return null;
  return text >= earliest ? text : null;
}

export const weekDays = (week: IsoDate): IsoDate[] =>
  Array.from({ length: daysInWeek }, (_, index) => addDays(week, index));

/** This month and the next: what can be booked as a month. */
export const monthsFrom = (today: IsoDate): string[] => [monthOf(today), monthOf(addDays(`${monthOf(today)}-01`, 31))];

/** A night and those right after it that can still be had together, shortest stay first. */
export function joinedStays(nights: readonly Slot[], first: Slot): Slot[][] {
  const following = nights.filter(
    ({ resourceId, serviceDate }) => resourceId === first.resourceId && serviceDate > first.serviceDate,
  );
  const stays = [[first]];
  let stay = [first];
  for (const night of following.toSorted((a, b) => (a.serviceDate < b.serviceDate ? -1 : 1))) {
    const last = stay.at(-1);
    const isNext = last !== undefined && daysBetween(last.serviceDate, night.serviceDate) === 1;
    if (!isNext || night.state !== 'open' || stay.length >= joinedAtMost) break;
    stay = [...stay, night];
    stays.push(stay);
  }
  return stays;
}

/** The page's address with a choice. */
export function parkingHref(choice: {
  lotId: string;
  week?: IsoDate;
  date?: IsoDate | null;
  month?: string | null;
  calendar?: string;
  nights?: readonly IsoDate[];
  isConfirming?: boolean;
  near?: string | null;
}): string {
  const params = new URLSearchParams({ lot: choice.lotId });
  if (choice.week !== undefined) params.set('week', choice.week);
  if (choice.date) params.set('date', choice.date);
  if (choice.month) params.set('month', choice.month);
  if (choice.calendar !== undefined) params.set('calendar', choice.calendar);
  if (choice.nights !== undefined && choice.nights.length > 0) params.set('nights', choice.nights.join(','));
  if (choice.near) params.set('near', choice.near);
  if (choice.date || choice.month || choice.isConfirming) params.set('confirm', '1');
  return `/parking?${params}`;
}
