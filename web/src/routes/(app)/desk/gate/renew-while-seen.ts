import { invalidateAll } from '$app/navigation';

const everyMilliseconds = 15_000;

/**
 * Loads the data of the page anew every quarter of a minute while somebody looks, and as soon as somebody looks again: cars come and go
 * without a slot that changes. Focus and scroll position stay. @returns how to stop; for `onMount`.
 */
export function renewWhileSeen(): () => void {
  const renew = (): void => {
    if (document.visibilityState === 'visible') void invalidateAll();
  };
  const timer = setInterval(renew, everyMilliseconds);
  document.addEventListener('visibilitychange', renew);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', renew);
  };
}
