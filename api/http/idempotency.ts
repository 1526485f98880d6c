import { hash } from 'node:crypto';
import type { HonoRequest } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isJson } from './accepted-body.ts';
import { problemResponse } from './problem.ts';
import type { AppEnv } from './environment.ts';

const retryAfterSeconds = 1;

/**
 * Reads `Idempotency-Key` into two hashes for the verbs, which keep the first answer in their own transaction. A second request with
 * a key that this process is still working on is told to wait; between processes the database lets only one through.
 */
export function idempotencyKeys() {
  const inFlight = new Set<string>();
  return createMiddleware<AppEnv>(async (c, next) => {
    const given = c.req.header('Idempotency-Key');
    const caller = c.get('caller');
    // Strangers have no keys of their own: one's would meet another's.
    if (given === undefined || caller === null || c.req.method !== 'POST') return next();
    if (!/^[\x21-\x7e]{1,200}$/.test(given)) {
      const message = 'Idempotency-Key: 1–200 visible ASCII characters';
      return problemResponse(c, 'validation', { errors: [{ pointer: '', message }] });
    }
    const key = hashed(`${caller.siteId}:${caller.personId}:${given}`);
    const request = hashed(`${c.req.method} ${c.req.path}\n${await canonicalBody(c.req)}`);
    if (inFlight.has(key)) {
      c.header('Retry-After', String(retryAfterSeconds));
      return problemResponse(c, 'in-flight');
    }
    inFlight.add(key);
    try {
      c.set('idempotency', { key, request });
      return await next();
    } finally {
      inFlight.delete(key);
    }
  });
}

/** The body without what JSON does not care for: white space and the order of names. */
async function canonicalBody(request: HonoRequest): Promise<string> {
  // As text, files of two encodings could look the same.
  if (!isJson(request.header('Content-Type')))
    return hash('sha256', new Uint8Array(await request.arrayBuffer()), 'hex');
  const text = await request.text();
  try {
    return canonical(JSON.parse(text));
  } catch {
    // Not JSON: the validator says so; here it only has to be told apart.
    return text;
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}

/** The first 16 bytes of SHA-256, in uuid form. Synchronous: WebCrypto's detour through other threads costs more than the hash. */
function hashed(text: string): string {
  const hex = hash('sha256', text, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
