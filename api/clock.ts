import type { Instant } from './calendar/time.ts';

/** The service's one source of the present. */
export type Clock = { now(): Instant };

/** A clock that shows `start` when it is made and runs on from there; the machine's own time without a start. */
export function clockFrom(start: Instant | null, machineNow: () => Instant): Clock {
  const shift = start === null ? 0 : start - machineNow();
  return { now: () => machineNow() + shift };
}
