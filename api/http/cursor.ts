import { problemResponse, type AnyContext, type ProblemResponse } from './problem.ts';

/** Writes where a list goes on as an opaque text. */
export function writeCursor(position: readonly (string | number)[]): string {
  return btoa(JSON.stringify(position)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads a cursor back; null for a text that this API has not written. `kinds` says what stands at each place. */
export function readCursor(text: string, kinds: readonly ('string' | 'number')[]): (string | number)[] | null {
  try {
    const position: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    const isOurs =
      Array.isArray(position) &&
      position.length === kinds.length &&
      position.every((part, index) => typeof part === kinds[index]);
    return isOurs ? (position as (string | number)[]) : null;
  } catch {
    // Somebody's own invention: the caller answers that the cursor is not valid.
    return null;
  }
}

/** Reads where a list by falling row ids goes on; null at its beginning. */
export function readIdCursor(text: string | undefined): number | null | 'invalid' {
  if (text === undefined) return null;
  const id = readCursor(text, ['number'])?.[0];
  return Number.isSafeInteger(id) ? (id as number) : 'invalid';
}

/** Makes a page of what was found, where one more than the page holds was looked for; `positionOf` says where a row stands. */
export function cutPage<Row>(
  found: readonly Row[],
  limit: number,
  positionOf: (row: Row) => readonly (string | number)[],
): { page: Row[]; nextCursor: string | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: last && found.length > limit ? writeCursor(positionOf(last)) : null };
}

/** Whether a position is an instant that this API can have written, from 1970 up to 2200: a database knows none far beyond. */
export function isListedInstant(position: number): boolean {
  return Number.isSafeInteger(position) && position >= 0 && position < 7_258_118_400_000;
}

/** Answers that a cursor is not one of the list's. */
export function badCursor(c: AnyContext): ProblemResponse {
  const message = c.get('language') === 'en' ? 'not a cursor of this list' : '不是这个列表的游标';
  return problemResponse(c, 'validation', { errors: [{ pointer: '/cursor', message }] });
}
