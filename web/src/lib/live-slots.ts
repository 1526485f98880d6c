import { invalidateAll } from '$app/navigation';
import type { ServiceKind, SlotState } from './api.ts';

/** What the API's feed says of a slot that has changed. */
export type SlotNews = {
  slotId: string;
  resourceId: string;
  kind: ServiceKind;
  serviceDate: string;
  remaining: number;
  capacity: number;
  state: SlotState;
};

/** Which news concern a page, and whether it may be renewed now: not while its reader's choices exist in the page alone. */
export type Following = { kind: ServiceKind; isShown: (news: SlotNews) => boolean; mayRenew?: () => boolean };

/** Whoever only passes by opens no stream. */
const openAfterMilliseconds = 1_000;
/** Everybody who sees the same slot hears of it at once: they must not all ask at once. */
const spreadMilliseconds = { from: 200, to: 800 };
const restMilliseconds = 2_000;

/**
 * Renews the data of the page when a slot that it shows has changed; focus and scroll position stay. No stream is held while nobody looks,
 * since a browser has few connections for all tabs of a site. @returns how to stop; for `onMount`.
 */
export function followSlots({ kind, isShown, mayRenew = () => true }: Following): () => void {
  let source: EventSource | null = null;
  let opening: ReturnType<typeof setTimeout> | undefined;
  let renewing: ReturnType<typeof setTimeout> | undefined;
  let wasHidden = false;
  let lastRenewal = 0;

  function renewSoon(): void {
    if (renewing !== undefined) return;
    const spread = spreadMilliseconds.from + Math.random() * (spreadMilliseconds.to - spreadMilliseconds.from);
    const rest = lastRenewal + restMilliseconds - performance.now();
    renewing = setTimeout(renew, Math.max(spread, rest));
  }

  function renew(): void {
    renewing = undefined;
    if (!mayRenew()) return renewSoon();
    lastRenewal = performance.now();
    void invalidateAll();
  }

  function open(): void {
    source = new EventSource(`/api/v1/events?kind=${kind}`);
    source.addEventListener('slot', ({ data }: MessageEvent<string>) => {
      if (isShown(JSON.parse(data) as SlotNews)) renewSoon();
    });
    source.addEventListener('reset', renewSoon);
    source.addEventListener('ready', () => {
      if (wasHidden) renewSoon();
      wasHidden = false;
    });
  }

  function close(): void {
    clearTimeout(opening);
    clearTimeout(renewing);
    renewing = undefined;
    source?.close();
    source = null;
  }

  function look(): void {
    close();
    if (document.visibilityState === 'visible') opening = setTimeout(open, openAfterMilliseconds);
    else wasHidden = true;
  }

  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
