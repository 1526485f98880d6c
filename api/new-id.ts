import { v7 as uuidv7 } from 'uuid';

/** Fetched for many ids at a time: one call for each costs more than all the rest of making it. */
const pool = new Uint8Array(16 * 256);
let used = pool.length;
let last = { msecs: 0, seq: 0 };

function random(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool.subarray(used, (used += 16));
}

/** A time-ordered id (uuid version 7), each above the last one of this process: neighbours in time are neighbours in an index. */
export function newId(): string {
  const bytes = random();
  const now = Date.now();
  const [a = 0, b = 0, c = 0] = bytes;
  last = now > last.msecs ? { msecs: now, seq: (a << 16) | (b << 8) | c } : { ...last, seq: last.seq + 1 };
  return uuidv7({ random: bytes, ...last });
}
