/** A `pg_snapshot`: which transactions had ended when it was taken. */
export type Snapshot = {
  /** As PostgreSQL writes it, `xmin:xmax:running,…`. */
  text: string;
  /** Every number from here on had not ended. */
  xmax: number;
  /** Numbers below `xmax` that had not ended either. */
  running: ReadonlySet<number>;
};

/** @throws when it is not a snapshot's text. */
export function parseSnapshot(text: string): Snapshot {
  const match = /^\d+:(\d+):([\d,]*)$/.exec(text);
  if (!match) throw new Error(`"${text}" is not a snapshot`);
  const running = (match[2] ?? '').split(',').filter((number) => number !== '');
  return { text, xmax: Number(match[1]), running: new Set(running.map(Number)) };
}

/**
 * How far the log has been read. Event ids are drawn in order but become visible in another, so that "everything above the last id that I
 * saw" misses what commits late. What has been seen is what was visible in `snapshot`; `low` only keeps the search short.
 */
export type LogMark = {
  /** The last look's: what is visible in it has been seen. */
  snapshot: Snapshot;
  /** The highest id that was seen. */
  newest: number;
  /** No event up to this id is still to come, but of those left behind. */
  low: number;
  /**
   * Where `low` may rise to: ids up to `newest` were drawn by transactions with a number below `drawn`, since an event's id is drawn after
   * its transaction's number (trigger `event_draws_transaction_first`) and `drawn` was taken after those ids were seen.
   */
  next: { newest: number; drawn: number } | null;
  /** Transactions that ran so long that they were not waited for: when one ends, anything may have changed. */
  leftBehind: ReadonlySet<number>;
  /** The id to resume from while some are left behind; null when there are none. */
  safe: number | null;
};

/** What one look at the log found. */
export type Look = {
  snapshot: Snapshot;
  /** The highest id among the new events; null when there were none. */
  newest: number | null;
  /** A transaction number that the look itself took; null when it was not told to. */
  drawn: number | null;
};

/** How many ids the search may span before a long transaction is left behind, and after how many a number is worth drawing. */
export type LogSpans = { leaveBehind: number; draw: number };
export const defaultSpans: LogSpans = { leaveBehind: 20_000, draw: 256 };

/**
 * Starts reading after everything that is visible in `snapshot`. `newest` was read first, then the number was drawn, then the snapshot
 * taken: so only transactions that still run in it can bring ids up to `newest`, and those are left behind.
 */
export function startMark(newest: number, drawn: number, snapshot: Snapshot): LogMark {
  const leftBehind = new Set([...snapshot.running].filter((number) => number < drawn));
  return { snapshot, newest, low: newest, next: null, leftBehind, safe: leftBehind.size > 0 ? 0 : null };
}

/** The mark after a look. `isGap`: a transaction that was left behind has ended, so that anything may have changed. */
export function advance(mark: LogMark, look: Look, spans: LogSpans = defaultSpans): { mark: LogMark; isGap: boolean } {
  const { running } = look.snapshot;
  const stillBehind = new Set([...mark.leftBehind].filter((number) => running.has(number)));
  const isGap = stillBehind.size < mark.leftBehind.size;
  const newest = Math.max(mark.newest, look.newest ?? 0);
  const seen: LogMark = {
    snapshot: look.snapshot,
    newest,
    low: mark.low,
    // A statement takes its snapshot before it draws a number.
    next: mark.next ?? (look.drawn === null ? null : { newest, drawn: look.drawn }),
    leftBehind: stillBehind,
    safe: stillBehind.size > 0 ? mark.safe : null,
  };
  return { mark: raise(seen, spans), isGap };
}

/** Whether the next look should take a transaction number, so that the search can begin later. */
export function wantsNumber(mark: LogMark, spans: LogSpans = defaultSpans): boolean {
  return mark.next === null && mark.newest - mark.low >= spans.draw;
}

/** An id from which reading on misses nothing: whatever is still to come has a higher one. */
export function positionOf(mark: LogMark): number {
  return mark.safe ?? mark.low;
}

/** Raises `low` when nobody can bring a lower id any more, or when it has waited too long for those who can. */
function raise(mark: LogMark, spans: LogSpans): LogMark {
  const { next, snapshot, low } = mark;
  if (next === null || snapshot.xmax <= next.drawn) return mark;
  const late = [...snapshot.running].filter((number) => number < next.drawn && !mark.leftBehind.has(number));
  const raised = { ...mark, low: next.newest, next: null };
  if (late.length === 0) return raised;
  if (mark.newest - low < spans.leaveBehind) return mark;
  return { ...raised, leftBehind: new Set([...mark.leftBehind, ...late]), safe: mark.safe ?? low };
}
