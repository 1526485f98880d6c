import type { ShuttleAdvice } from '$lib/api.ts';

/** A quarter of an hour of one direction: how many want to ride, and which runs depart in it; `from` is null for a long time of nothing. */
export type Quarter = { id: number; from: string | null; riders: number; present: string[]; proposed: string[] };

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const quarterOf = (time: string): number => Math.floor(minuteOf(time) / 15);

/** Quarters from the first with demand or a departure to the last; of a long time between two without any, the two ends and one for the rest. */
export function quartersOf(advice: ShuttleAdvice, direction: 'inbound' | 'outbound'): Quarter[] {
  const ownWay = <Item extends { direction: string }>(items: readonly Item[]) =>
    items.filter((item) => item.direction === direction);
  const demand = new Map(ownWay(advice.demand).map(({ from, riders }) => [quarterOf(from), riders]));
  const present = ownWay(advice.present.runs).map(({ departs }) => departs);
  const proposed = ownWay(advice.proposed?.runs ?? []).map(({ departs }) => departs);
  if (demand.size === 0) return [];
  const known = [...demand.keys(), ...[...present, ...proposed].map(quarterOf)];
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const isEmpty = (quarter: number) => quarter > first && quarter < last && !known.includes(quarter);
  const isLeftOut = (quarter: number) => [quarter - 1, quarter, quarter + 1].every(isEmpty);
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const shown = all.filter((quarter) => !isLeftOut(quarter) || !isLeftOut(quarter - 1));
  return shown.map((quarter) => {
    const isIn = (departs: string) => quarterOf(departs) === quarter;
    return {
      id: quarter,
      from: isLeftOut(quarter) ? null : timeOf(quarter * 15),
      riders: demand.get(quarter) ?? 0,
      present: present.filter(isIn),
      proposed: proposed.filter(isIn),
    };
  });
}
