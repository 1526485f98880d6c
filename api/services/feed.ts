import type { Clock } from '../clock.ts';
import type { EventLog, SlotChanges } from '../engine/event-log.ts';
import { slotStateAt } from '../engine/find-slots.ts';
import { Busy, type Slot } from '../engine/types.ts';
import { createListeners, isOf, type Interest, type ListenerLimits } from '../http/listeners.ts';

/** Tells everybody who listens in this process what becomes of a site's slots. */
export type Feed = ReturnType<typeof createFeed>;

/** Told what went wrong, once until it goes well again; a look that fails is done again at the next tick. */
export type OnFailure = (error: unknown) => void;

const tickMilliseconds = 250;
const heartbeatMilliseconds = 20_000;
/** News that come in quick succession are sent together. */
const gapMilliseconds = 100;
/** Sending takes at most a fifth of the time. */
const restPerWork = 4;
const retryMilliseconds = 3_000;
const maxReplayedSlots = 2_000;

/**
 * One look at the log per tick serves all listeners, and each change is written out once for all of them. It rests while nobody listens.
 */
export function createFeed(log: EventLog, clock: Clock, limits: ListenerLimits, onFailure: OnFailure) {
  const listeners = createListeners(limits, () => resetMessage(sentUpTo));
  let waiting = new Map<number, Slot>();
  let isAnything = false;
  let sending: ReturnType<typeof setTimeout> | null = null;
  let mayStart = 0;
  /** Whatever comes before this position has been sent. */
  let sentUpTo = 0;
  let timers: ReturnType<typeof setInterval>[] = [];
  let hasEnded = false;
  let isFailing = false;

  const stopListening = log.listen((changes: SlotChanges) => {
    if (listeners.isEmpty()) return;
    if (changes === 'anything') isAnything = true;
    else for (const slot of changes) waiting.set(slot.id, slot);
    sending ??= setTimeout(sendWaiting, Math.max(0, mayStart - performance.now()));
  });

  function sendWaiting(): void {
    const startedAt = performance.now();
    const slots = [...waiting.values()];
    const isReset = isAnything;
    sending = null;
    waiting = new Map();
    isAnything = false;
    sentUpTo = log.position();
    if (isReset) listeners.tellAll(resetMessage(sentUpTo));
    else {
      const now = clock.now();
      listeners.tell(
        slots.map((slot) => ({ kind: slot.kind, resourceId: slot.resourceId, text: slotMessage(slot, now) })),
        idLine(sentUpTo),
      );
    }
    const endedAt = performance.now();
    mayStart = endedAt + Math.max(gapMilliseconds, (endedAt - startedAt) * restPerWork);
  }

  /** Nothing waits to be sent: then everything that was told has been. */
  function settle(): void {
    if (sending === null) sentUpTo = log.position();
  }

  /** Never throws. */
  async function lookForListeners(): Promise<void> {
    if (listeners.isEmpty()) return stop();
    try {
      await log.upToDate();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onFailure(error);
      isFailing = true;
    }
  }

  function beat(): void {
    settle();
    listeners.beat(`:\n${idLine(sentUpTo)}\n`);
  }

  function start(): void {
    if (timers.length === 0)
      timers = [setInterval(() => void lookForListeners(), tickMilliseconds), setInterval(beat, heartbeatMilliseconds)];
  }

  function stop(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }

  return {
    /**
     * Lets somebody listen, from now on or from where they were: then what changed since comes first, each slot once with its present
     * values. `full`: the process has no place left; `crowded`: their address has none. @throws what the database throws.
     */
    async join(
      interest: Interest,
      address: string | null,
      after: number | null,
    ): Promise<ReadableStream<Uint8Array> | 'full' | 'crowded'> {
      const place = listeners.enter(address);
      if (place === 'full' || place === 'crowded') return place;
      try {
        const missed = after === null ? (await log.upToDate(), []) : await log.changedSince(after);
        if (hasEnded) throw new Busy('the service is stopping');
        settle();
        start();
        return place.open(interest, firstMessages(missed, interest));
      } catch (error) {
        place.leave();
        throw error;
      }
    },

    /** Something was committed here: the listeners need not wait for the next tick. */
    wake: () => void lookForListeners(),

    /** Ends every listener's stream. */
    end(): void {
      hasEnded = true;
      stopListening();
      stop();
      if (sending !== null) clearTimeout(sending);
      listeners.endAll();
    },
  };

  function firstMessages(missed: readonly Slot[] | 'too-much', interest: Interest): string {
    const ready = `retry: ${retryMilliseconds}\nevent: ready\nid: ${sentUpTo}\ndata: {}\n\n`;
    const own = missed === 'too-much' ? missed : missed.filter((slot) => isOf(interest, slot));
    if (own === 'too-much' || own.length > maxReplayedSlots) return resetMessage(sentUpTo) + ready;
    const now = clock.now();
    return own.map((slot) => `${slotMessage(slot, now)}\n`).join('') + ready;
  }
}

/** What is left of a slot. The id comes with the last of the news: who hears half of them must hear all of them again. */
function slotMessage(slot: Slot, now: number): string {
  const { id, resourceId, kind, serviceDate, capacity, taken } = slot;
  const news = {
    slotId: String(id),
    resourceId,
    kind,
    serviceDate,
    remaining: capacity - taken,
    capacity,
    state: slotStateAt(slot, now),
  };
  return `event: slot\ndata: ${JSON.stringify(news)}\n`;
}

/** Where to resume from. Alone in a message it moves a browser's position, and the page hears nothing. */
function idLine(position: number): string {
  return `id: ${position}\n`;
}

function resetMessage(position: number): string {
  return `event: reset\nid: ${position}\ndata: {}\n\n`;
}
