/**
 * What people ask for and do not get, or only look for: counted in memory until it is written down. Who asked is remembered here for a
 * while, so that asking again counts once, and goes nowhere else.
 */
export type Wishes = {
  /**
   * Counts units of something. `once` says who asked for what: the same text again counts nothing. Null counts each time, for somebody who
   * cannot be told from others.
   */
  note(what: string, units: number, once: string | null): void;
  /** Whether nothing is counted that has not been handed over. */
  isEmpty(): boolean;
  /** Hands over what was counted, to be written down; it is not here any more. */
  take(): Map<string, number>;
  /** Takes back what could not be written. */
  putBack(counts: ReadonlyMap<string, number>): void;
};

/** How much a process remembers: of different things until they are written down, and of who has asked already. */
export type WishLimits = { things: number; askers: number };
const usualLimits: WishLimits = { things: 10_000, askers: 50_000 };

/** Starts with nothing counted. Beyond its limits new things are not counted, and who asked longest ago counts again. */
export function createWishes(limits: WishLimits = usualLimits): Wishes {
  let counts = new Map<string, number>();
  const askers = new Set<string>();

  function add(what: string, units: number): void {
    const before = counts.get(what);
    if (before === undefined && counts.size >= limits.things) return;
    counts.set(what, (before ?? 0) + units);
  }
  return {
    note(what, units, once) {
      if (once !== null) {
        if (askers.has(once)) return;
        const [oldest] = askers;
        if (askers.size >= limits.askers && oldest !== undefined) askers.delete(oldest);
        askers.add(once);
      }
      add(what, units);
    },
    isEmpty: () => counts.size === 0,
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    putBack(taken) {
      for (const [what, units] of taken) add(what, units);
    },
  };
}
