/** Numbers from 0 up to 1 that follow from the seed alone (mulberry32), so that a run can be repeated. */
export type Random = {
  next(): number;
  /** A whole number from 0 up to `below`. */
  whole(below: number): number;
  pick<Item>(items: readonly Item[]): Item;
};

export function randomFrom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (below: number) => Math.floor(next() * below);
  return { next, whole, pick: (items) => items[whole(items.length)]! };
}
