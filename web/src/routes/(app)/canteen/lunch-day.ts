import type { ResourceOf, Slot } from '$lib/api.ts';
import type { IsoDate } from '$lib/i18n/dates.ts';

export type Canteen = ResourceOf<'canteen'>;

/** What the official calendar says of a day. */
export interface CalendarDay {
  date: IsoDate;
  kind: 'off' | 'workday';
  name: { zh: string; en: string } | null;
}

/** `off`: nobody cooks; `upcoming`: the menu is not published; `closed`: past the cut-off; `full`: no window is left. */
export type LunchState = 'off' | 'upcoming' | 'open' | 'full' | 'closed';

export interface LunchDay extends CalendarDay {
  state: LunchState;
  /** Pick-up places left in windows that can be booked. */
  remaining: number;
  /** When the menu is published and until when it can be ordered; null on a day off. */
  opensAt: string | null;
  closesAt: string | null;
}

/** Every day with what can be ordered on it, from the windows of some canteens. */
export function lunchDays(days: readonly CalendarDay[], windows: readonly Slot[]): LunchDay[] {
  return days.map((day) => {
    const ofDay = windows.filter(({ serviceDate }) => serviceDate === day.date);
    return { ...day, state: lunchState(ofDay), remaining: placesLeft(ofDay), ...timesOf(ofDay) };
  });
}

/** The state of several windows together: open as long as one of them is. */
export function lunchState(windows: readonly Slot[]): LunchState {
  if (windows.length === 0) return 'off';
  const states = new Set(windows.map(({ state }) => state));
  for (const state of ['open', 'upcoming', 'full'] as const) if (states.has(state)) return state;
  return 'closed';
}

export const placesLeft = (windows: readonly Slot[]): number =>
  windows.reduce((sum, { state, remaining }) => sum + (state === 'open' ? remaining : 0), 0);

function timesOf(windows: readonly Slot[]): Pick<LunchDay, 'opensAt' | 'closesAt'> {
  const first = windows[0];
  return { opensAt: first?.opensAt ?? null, closesAt: first?.closesAt ?? null };
}

/** The day to show when none was asked for: the first one on which something can be ordered, else the first. */
export const firstDayToOrder = (days: readonly LunchDay[]): LunchDay | undefined =>
  days.find(({ state }) => state === 'open') ?? days[0];

/** The next day worth going to: one that can be ordered now, else the next on which there is lunch at all. */
export function nextDayAfter(days: readonly LunchDay[], date: IsoDate): LunchDay | undefined {
  const open = days.find((day) => day.state === 'open' && day.date !== date);
  return open ?? days.find((day) => day.state === 'upcoming' && day.date > date);
}

/** The window to offer when none was asked for: the one with the largest free share; of equals, the nearest to the middle of lunch. */
export function quietestWindow(windows: readonly Slot[]): Slot | undefined {
  const middle = (windows.length - 1) / 2;
  const share = ({ remaining, capacity }: Slot): number =>
    capacity > 0 ? Math.round((10 * remaining) / capacity) / 10 : 0;
  return windows
    .map((window, index) => ({ window, off: Math.abs(index - middle) }))
    .filter(({ window }) => window.state === 'open')
    .toSorted((a, b) => share(b.window) - share(a.window) || a.off - b.off)[0]?.window;
}

/** Instead of a window that is full: the open ones of the same canteen nearest in time. */
export function nearestOpen(windows: readonly Slot[], to: Slot, count = 2): Slot[] {
  const distance = ({ startsAt }: Slot): number => Math.abs(Date.parse(startsAt) - Date.parse(to.startsAt));
  return windows
    .filter(({ state, id }) => state === 'open' && id !== to.id)
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, count);
}
