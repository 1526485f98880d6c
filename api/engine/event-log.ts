import type { Db } from '../../db/db.ts';
import { advance, positionOf, type LogMark } from './log-mark.ts';
import { lookAtLog, replayLog, slotsOfEvents, startOfLog, type Replay, type ReplayedSlot } from './read-log.ts';
import type { Slot } from './types.ts';

/** What has changed since the last look; `anything` when it was too much to say, or is not known. */
export type SlotChanges = readonly Slot[] | 'anything';

/** Hears of every change once, in the order of the looks. Must not throw. */
export type ChangeListener = (changes: SlotChanges) => void;

/** Reads one site's log for everybody in this process. */
export type EventLog = ReturnType<typeof createEventLog>;

/** Turns of the event loop that a look waits for company: moments when there is much to do, nothing when there is not. */
const turnsBeforeLook = 8;

type Round = { done: Promise<void>; end: (error?: unknown) => void; replays: ReplayRequest[] };
type ReplayRequest = { after: number; resolve: (slots: ReplayedSlot[] | 'too-much') => void };

/**
 * Reads a site's log in rounds, one look at a time: whoever asks while a look is under way waits for the next, so that one small query
 * serves any number of them. It does nothing until it is asked.
 */
export function createEventLog(db: Db, siteId: number) {
  let mark: LogMark | null = null;
  let next: Round | null = null;
  let isLooking = false;
  const listeners = new Set<ChangeListener>();

  function nextRound(): Round {
    if (next) return next;
    next = newRound();
    if (!isLooking) startSoon();
    return next;
  }

  /** After the requests that have arrived by now, which begin in several turns (`http/turns`), so that they share the look. */
  function startSoon(turns = turnsBeforeLook): void {
    setImmediate(() => (turns > 1 ? startSoon(turns - 1) : void lookOnce()));
  }

  /** Never throws: who waits for the round hears of a failure. */
  async function lookOnce(): Promise<void> {
    const round = next;
    if (!round) return;
    next = null;
    isLooking = true;
    try {
      await look();
      await serveReplays(round.replays);
      round.end();
    } catch (error) {
      round.end(error);
    }
    isLooking = false;
    if (next) startSoon();
  }

  async function look(): Promise<void> {
    if (!mark) {
      mark = await startOfLog(db, siteId);
      tell('anything');
      return;
    }
    const found = await lookAtLog(db, siteId, mark);
    const { mark: advanced, isGap } = advance(mark, found);
    const isUnknown = isGap || found.isTooMany;
    const isSlotTold = found.slotIds !== null || found.bookingIds !== null;
    const slots = !isUnknown && isSlotTold ? await slotsOfEvents(db, siteId, found) : [];
    // Not before the changes are known: a look that fails is done again.
    mark = advanced;
    if (isUnknown) tell('anything');
    else if (slots.length > 0) tell(slots);
  }

  function tell(changes: SlotChanges): void {
    for (const listener of listeners) listener(changes);
  }

  /** One query for all who come back, however long each has been away. */
  async function serveReplays(requests: readonly ReplayRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const newest = mark?.newest ?? 0;
    const oldest = Math.min(...requests.map(({ after }) => after));
    const replay: Replay = await replayLog(db, siteId, oldest);
    for (const { after, resolve } of requests) {
      const slots = replay.slots.filter(({ lastEventId }) => lastEventId > after);
      // A position above all that there is was given by another database, or by this one before it was restored.
      resolve(after < replay.from || after > newest ? 'too-much' : slots);
    }
  }

  return {
    /** Resolves when whatever was committed before the call has been told to the listeners. @throws what the database throws. */
    upToDate(): Promise<void> {
      return nextRound().done;
    },

    /**
     * The slots that changed after a position, with their present values, each once; `too-much` when the position is too old, or
     * none of this log. What changes afterwards is told to the listeners that are there when it resolves.
     */
    async changedSince(after: number): Promise<ReplayedSlot[] | 'too-much'> {
      const round = nextRound();
      const answer = new Promise<ReplayedSlot[] | 'too-much'>((resolve) => round.replays.push({ after, resolve }));
      await round.done;
      return answer;
    },

    /** An event id from which `changedSince` misses nothing that has not been told yet. */
    position(): number {
      return mark ? positionOf(mark) : 0;
    },

    /** @returns how to stop listening. */
    listen(listener: ChangeListener): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function newRound(): Round {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { done: promise, end: (error) => (error === undefined ? resolve() : reject(error)), replays: [] };
}
