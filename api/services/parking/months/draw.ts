import { hash, randomBytes } from 'node:crypto';

/** An entry with its lottery number and its place; 1 is served first. */
export type Drawn = { id: string; number: string; place: number };

/** A seed that nobody can guess: 32 random bytes as 64 hexadecimal digits. */
export function newSeed(): string {
  return randomBytes(32).toString('hex');
}

/** What is published of a seed before anybody enters: its SHA-256 over the 64 digits as text, hexadecimal. */
export function commitmentOf(seed: string): string {
  return hash('sha256', seed, 'hex');
}

/** The lottery number of an entry: SHA-256 over the seed's digits followed by the entry's id, as text. */
export function lotteryNumber(seed: string, entryId: string): string {
  return hash('sha256', seed + entryId, 'hex');
}

/**
 * Draws: everybody's number follows from the seed and their entry alone, and the lowest comes first, so that anybody can do it again, in
 * whatever order the entries are told. Pure.
 */
export function draw(seed: string, entryIds: readonly string[]): Drawn[] {
  return entryIds
    .map((id) => ({ id, number: lotteryNumber(seed, id) }))
    .toSorted((a, b) => compare(a.number, b.number) || compare(a.id, b.id))
    .map((entry, index) => ({ ...entry, place: index + 1 }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
