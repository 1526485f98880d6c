import type { AnyContext } from './problem.ts';

/** A file as it is sent: its bytes and the tag of exactly these. */
export type TaggedFile = { bytes: Uint8Array<ArrayBuffer>; tag: string; type: string };

/**
 * Answers with a file under a strong `ETag`, or 304 to who says by `If-None-Match` that they have it. Anybody between may keep it for so
 * many seconds; after that they ask again.
 */
export function taggedResponse(c: AnyContext, { bytes, tag, type }: TaggedFile, maxAgeSeconds: number): Response {
  const headers = {
    ETag: `"${tag}"`,
    'Cache-Control': `public, max-age=${maxAgeSeconds}`,
    Vary: 'Accept',
    // Map apps may ask from a browser; there is nothing personal in it.
    'Access-Control-Allow-Origin': '*',
  };
  if (knowsTag(c.req.header('If-None-Match'), tag)) return c.body(null, 304, headers);
  return c.body(bytes, 200, { ...headers, 'Content-Type': type });
}

/** Tags are compared weakly here (RFC 9110, 13.1.2). */
function knowsTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const known = header.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(`"${tag}"`);
}
