import type { CapacityPlan } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import type { IsoDate } from '$lib/i18n/dates.ts';

/** What the administrator wants of ticked slots, or of a resource's slots by dates and weekdays. */
export interface Wanted {
  what: 'capacity' | 'close' | 'reopen';
  /** Whether bookings that have no place any more give way; else the change is refused. */
  isDisplacing: boolean;
  mode: 'slots' | 'pattern';
  slotIds: string[];
  resourceId: string;
  from: IsoDate;
  to: IsoDate;
  /** 1 = Monday; empty: every day. */
  weekdays: number[];
  /** As written; what is not a number stays visible to be mended. */
  capacity: string;
  reason: string;
}

export type Fault = 'slots' | 'dates' | 'capacity' | 'reason';

/** Reads the form; full-width digits count as digits. */
export function wantedIn(form: FormData): Wanted {
  const text = (name: string): string => textOf(form, name);
  const reason = form.get('reason');
  const what = text('what');
  return {
    what: what === 'close' || what === 'reopen' ? what : 'capacity',
    isDisplacing: text('excess') === 'displace',
    mode: text('mode') === 'pattern' ? 'pattern' : 'slots',
    slotIds: form.getAll('slot').filter((id) => typeof id === 'string'),
    resourceId: text('resource'),
    from: text('from'),
    to: text('to'),
    weekdays: form.getAll('weekday').map(Number),
    capacity: text('capacity'),
    // As it was written: Chinese commas are not digits to be made plain.
    reason: typeof reason === 'string' ? reason.trim() : '',
  };
}

/** The first thing that is missing: an empty capacity must never be read as none. */
export function faultOf(wanted: Wanted): Fault | null {
  if (wanted.mode === 'slots' && wanted.slotIds.length === 0) return 'slots';
  if (wanted.mode === 'pattern' && (wanted.from === '' || wanted.to === '')) return 'dates';
  if (wanted.what === 'capacity' && !/^\d{1,6}$/.test(wanted.capacity)) return 'capacity';
  return wanted.reason === '' ? 'reason' : null;
}

/** The body of `POST /capacity-changes`. */
export function changeOf(wanted: Wanted, dryRun: boolean) {
  const { what, isDisplacing, mode, slotIds, resourceId, from, to, weekdays, reason } = wanted;
  const target = what === 'capacity' ? { capacity: Number(wanted.capacity) } : { closed: what === 'close' };
  const which =
    mode === 'slots'
      ? { slotIds }
      : { resourceId, from, to, ...(weekdays.length > 0 && weekdays.length < 7 && { weekdays }) };
  const onExcess = isDisplacing ? ('displace' as const) : ('refuse' as const);
  return { ...which, ...target, reason, onExcess, dryRun };
}

/** The same as hidden fields, for the form that confirms it. */
export function fieldsOf(wanted: Wanted): [name: string, value: string][] {
  const { what, isDisplacing, mode, resourceId, from, to, capacity, reason } = wanted;
  return [
    ['what', what],
    ['excess', isDisplacing ? 'displace' : 'refuse'],
    ['mode', mode],
    ['resource', resourceId],
    ['capacity', capacity],
    ['reason', reason],
    ...(mode === 'pattern'
      ? ([
          ['from', from],
          ['to', to],
        ] as [string, string][])
      : []),
    ...(mode === 'pattern' ? wanted.weekdays.map((day): [string, string] => ['weekday', String(day)]) : []),
    ...(mode === 'slots' ? wanted.slotIds.map((id): [string, string] => ['slot', id]) : []),
  ];
}

export type PlannedChange = CapacityPlan['changes'][number];

/** The plan in numbers. */
export interface PlanSum {
  changed: PlannedChange[];
  excess: PlannedChange[];
  booked: number;
  /** Free places more (or fewer, below zero) in all. */
  difference: number;
  /** Below it some booking would have no place. */
  lowest: number;
  /** `60`, or `45–60` where they differ. */
  before: string;
}

const isChanged = ({ before, after, closedBefore, closedAfter }: PlannedChange): boolean =>
  before !== after || closedBefore !== closedAfter;

/** What can be booked of it; nothing while it is closed. */
const placesBefore = ({ before, closedBefore }: PlannedChange): number => (closedBefore ? 0 : before);
const placesAfter = ({ after, closedAfter }: PlannedChange): number => (closedAfter ? 0 : after);

export function sumOf(changes: readonly PlannedChange[]): PlanSum {
  const changed = changes.filter(isChanged);
  const befores = changed.map(({ before }) => before);
  const [least, most] = [Math.min(...befores), Math.max(...befores)];
  return {
    changed,
    excess: changes.filter(({ excess }) => excess > 0),
    booked: changed.reduce((sum, { booked }) => sum + booked, 0),
    difference: changed.reduce((sum, change) => sum + placesAfter(change) - placesBefore(change), 0),
    lowest: Math.max(0, ...changes.map(({ booked }) => booked)),
    before: least === most ? String(least) : `${least}–${most}`,
  };
}
