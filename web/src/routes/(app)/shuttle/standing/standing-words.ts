import type { StandingDay, StandingRide } from '$lib/api.ts';
import type { Wording } from '$lib/i18n/wording.ts';

type Tone = 'done' | 'info' | 'wait' | 'attention' | 'danger' | 'off';

/** Whether a rider should look at a day: it failed, or what was booked gave way. */
export const needsLook = ({ outcome, bookingState, rule }: StandingDay): boolean =>
  ['full', 'overlap', 'refused'].includes(outcome) ||
  bookingState === 'displaced' ||
  (outcome === 'not-running' && rule !== null && rule !== 'not-running');

/** What a standing ride asks for, in lines: which days, until when, for how many. */
export function standingLines({ t, dates }: Wording, ride: StandingRide): string[] {
  const words = t.standing;
  const seats = t.shuttle.seatCount(ride.seats);
  return [
    `${daysOf({ t, dates }, ride.weekdays)} · ${words.between(dates.shortDate(ride.from), dates.shortDate(ride.until))}`,
    [seats, ride.wheelchair ? words.withWheelchair : '', ride.joinWaitlist ? words.joins : '']
      .filter((word) => word !== '')
      .join(' · '),
  ];
}

/** `每个工作日`, or the weekdays by name. */
export function daysOf({ t, dates }: Pick<Wording, 't' | 'dates'>, weekdays: readonly number[]): string {
  if (weekdays.length === 0) return t.standing.everyWorkingDay;
  return t.standing.each(weekdays.map((day) => dates.weekday(aWeek[day - 1] ?? '', 'short')));
}

/** Monday to Sunday of any week. */
export const aWeek = Array.from({ length: 7 }, (_, index) => `2024-01-0${index + 1}`);

/** A day's state in a word, with its colour and the reason. */
export function dayWords(
  { t, dates, name }: Wording,
  day: StandingDay,
  applied: boolean,
): { text: string; tone: Tone; more: string | null } {
  const words = t.standing;
  const reason = day.reason === null ? null : name(day.reason);
  switch (day.outcome) {
    case 'booked':
      if (day.bookingState === 'cancelled')
        return { text: words.outcomes.cancelled, tone: 'off', more: words.staysCancelled };
      if (day.bookingState !== null && day.bookingState !== 'confirmed')
        return { text: t.common.bookingState[day.bookingState], tone: 'info', more: null };
      return applied
        ? { text: words.outcomes.booked, tone: 'done', more: null }
        : { text: words.outcomes.canBook, tone: 'done', more: null };
    case 'waiting':
      if (day.bookingState === 'confirmed') return { text: words.outcomes.booked, tone: 'done', more: null };
      if (day.waitlistState !== null && !['waiting', 'offered'].includes(day.waitlistState))
        return { text: words.outcomes.full, tone: 'off', more: null };
      return { text: applied ? words.outcomes.waiting : words.outcomes.wouldWait, tone: 'wait', more: null };
    case 'full':
      return { text: words.outcomes.full, tone: 'danger', more: words.fullMore };
    case 'overlap':
      return { text: words.outcomes.overlap, tone: 'attention', more: words.overlapMore };
    case 'not-running':
      return {
        text: words.outcomes['not-running'],
        tone: 'off',
        more: day.holiday === null ? reason : name(day.holiday),
      };
    case 'refused':
      return { text: words.outcomes.refused, tone: 'danger', more: reason };
    case 'ahead':
      return {
        text: words.outcomes.ahead,
        tone: 'info',
        more: day.opensAt === null ? null : words.opens(dates.shortDate(dates.dateOf(day.opensAt)), day.provisional),
      };
  }
}
