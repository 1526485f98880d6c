import type { Instant } from '../calendar/time.ts';

/** What a caller has left in the present minute. */
export type Allowance = { allowed: boolean; limit: number; remaining: number; resetSeconds: number };

/** People have one limit each; addresses where nobody is signed in have another. */
export type Limiters = { person: RequestLimiter; address: RequestLimiter };

export type RequestLimiter = { take(caller: string, now: Instant): Allowance };

const windowMilliseconds = 60_000;
const maxCallers = 100_000;

/** Counts requests per caller and minute in this process. Bounded: when it is full, the oldest callers are forgotten first. */
export function createLimiter(limit: number): RequestLimiter {
  const windows = new Map<string, { endsAt: Instant; count: number }>();
  return {
    take(caller, now) {
      let window = windows.get(caller);
      if (!window || now >= window.endsAt || window.endsAt - now > windowMilliseconds) {
        windows.delete(caller);
        window = { endsAt: now + windowMilliseconds, count: 0 };
        windows.set(caller, window);
        if (windows.size > maxCallers) windows.delete(windows.keys().next().value ?? '');
      }
      window.count++;
      return {
        allowed: window.count <= limit,
        limit,
        remaining: Math.max(0, limit - window.count),
        resetSeconds: Math.ceil((window.endsAt - now) / 1000),
      };
    },
  };
}
