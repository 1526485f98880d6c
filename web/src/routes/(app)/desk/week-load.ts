import type { Resource, Slot } from '$lib/api.ts';
import type { IsoDate } from '$lib/i18n/dates.ts';
import type { Wording } from '$lib/i18n/wording.ts';
import type { TidePoint } from '$lib/tide.ts';

export type LoadPoint = TidePoint & { isOver: boolean };

/** One strip of the week's view: a day with its slots, or all days at once where each has one slot. */
export interface LoadRow {
  /** Null: the strip runs over several days. */
  date: IsoDate | null;
  points: LoadPoint[];
}

/** The slots of a resource as strips: by day where days have several slots, else one strip. */
export function loadRows(resource: Resource, slots: readonly Slot[], now: string, wording: Wording): LoadRow[] {
  const byDate = Map.groupBy(slots, ({ serviceDate }) => serviceDate);
  const isOneADay = [...byDate.values()].every((ofDay) => ofDay.length === 1);
  const pointOf = (slot: Slot): LoadPoint => {
    const words = isOneADay ? wordsOfDay(slot, wording) : wordsOfTime(resource, slot, wording);
    const taken = slot.capacity - slot.remaining;
    const date = wording.dates.shortDate(slot.serviceDate);
    return {
      id: slot.id,
      ...words,
      name: wording.t.desk.slotName(date, wording.dates.time(slot.startsAt), taken, slot.capacity),
      remaining: slot.remaining,
      capacity: slot.capacity,
      state: slot.state,
      isOver: Date.parse(slot.endsAt) <= Date.parse(now),
    };
  };
  if (isOneADay && slots.length > 0) return [{ date: null, points: slots.map(pointOf) }];
  return [...byDate].map(([date, ofDay]) => ({ date, points: ofDay.map(pointOf) }));
}

/** One slot a day: the day is its name. */
function wordsOfDay({ serviceDate, lastDay }: Slot, { dates }: Wording): Pick<TidePoint, 'label' | 'note'> {
  const day = `${Number(serviceDate.slice(5, 7))}/${Number(serviceDate.slice(8))}`;
  if (lastDay !== undefined) {
    return { label: `${day}–${Number(lastDay.slice(5, 7))}/${Number(lastDay.slice(8))}` };
  }
  return { label: dates.weekday(serviceDate, 'short'), note: day };
}

/** Several a day: the time is its name; a shuttle's leg also says from where. */
function wordsOfTime(resource: Resource, slot: Slot, { dates, name }: Wording): Pick<TidePoint, 'label' | 'note'> {
  const label = dates.time(slot.startsAt);
  if (resource.kind !== 'shuttle') return { label };
  const stop = resource.facts.stops.find(({ stopId }) => stopId === slot.fromStopId);
  return stop === undefined ? { label } : { label, note: shortened(name(stop.name)) };
}

const shownCharacters = 6;
const shortened = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
