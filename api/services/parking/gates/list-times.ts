import { dateOf, datesBetween, instantOf, plusDays, type HalfOpen, type LocalTime } from '../../../calendar/time.ts';

/** Local times between which nothing may pass the gate; a `to` before `from` is on the next day. */
export type Curfew = { from: LocalTime; to: LocalTime };

/** The hours of a curfew that begin on some date or the one before, and touch a range of time; in order. */
function curfewsDuring(range: HalfOpen, curfew: Curfew, zone: string): HalfOpen[] {
  const dates = datesBetween(plusDays(dateOf(range.startsAt, zone), -1), dateOf(range.endsAt, zone));
  return dates
    .map((date) => ({
      startsAt: instantOf(date, curfew.from, zone),
      endsAt: instantOf(curfew.to <= curfew.from ? plusDays(date, 1) : date, curfew.to, zone),
    }))
    .filter(({ startsAt, endsAt }) => startsAt < range.endsAt && endsAt > range.startsAt);
}

/** When the car of a joined stay may pass the gate: from its first start to its leave-by, less the hours of curfew. Pure. */
export function passableTimes(run: HalfOpen, curfew: Curfew | null, zone: string): HalfOpen[] {
  if (curfew === null) return [run];
  const passable: HalfOpen[] = [];
  let from = run.startsAt;
  for (const closed of curfewsDuring(run, curfew, zone)) {
    if (closed.startsAt > from) passable.push({ startsAt: from, endsAt: closed.startsAt });
    from = Math.max(from, closed.endsAt);
  }
  if (from < run.endsAt) passable.push({ startsAt: from, endsAt: run.endsAt });
  return passable;
}

/** Whether nothing may pass the gate at an instant. */
export function isInCurfew(at: number, curfew: Curfew | null, zone: string): boolean {
  return curfew !== null && curfewsDuring({ startsAt: at, endsAt: at + 1 }, curfew, zone).length > 0;
}
