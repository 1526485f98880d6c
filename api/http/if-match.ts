import type { AnyContext } from './problem.ts';

/** The tag of what a caller has seen, by `If-Match`; null when they do not say. */
export function seenTag(c: AnyContext): string | null {
  const expected = c.req.header('If-Match');
  return expected === undefined || expected === '*' ? null : expected.replace(/^W\//, '').replaceAll('"', '');
}

/** The same where tags are versions; one that is none matches nothing. */
export function seenVersion(c: AnyContext): number | null {
  const tag = seenTag(c);
  if (tag === null) return null;
  const version = Number(tag);
  return Number.isSafeInteger(version) ? version : -1;
}
