import type { Instant } from './calendar/time.ts';
import type { Clock } from './clock.ts';
import type { Deps } from './http/environment.ts';

/** What is due to the second: when next, and what to do then. */
export type Moments = { next: () => Promise<Instant | null>; work: () => Promise<void> };

/** So long at most until the next moment is asked for again: a run that is moved meanwhile is not missed by more. */
const longestMilliseconds = 15_000;

/**
 * Does what is due at its moment: asks for the next one, sleeps until it, does it, asks again. What fails is logged, and done by the sweep at
 * the latest. `stop` waits for what is under way.
 */
export function startKeepingTime(
  { next, work }: Moments,
  clock: Clock,
  log: Deps['log'],
): { stop: () => Promise<void> } {
  let wake = (): void => {};
  const stopping = new AbortController();

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, milliseconds));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function keepOnce(): Promise<void> {
    const moment = await next();
    if (stopping.signal.aborted) return;
    const left = moment === null ? longestMilliseconds : moment - clock.now();
    await sleep(Math.min(left, longestMilliseconds));
    if (!stopping.signal.aborted && moment !== null && clock.now() >= moment) await work();
  }

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await keepOnce();
      } catch (error) {
        log('error', 'what was due at its moment failed', {
          error: error instanceof Error ? error.message : String(error),
        });
        if (!stopping.signal.aborted) await sleep(longestMilliseconds);
      }
    }
  }
  const kept = keep();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await kept;
    },
  };
}
