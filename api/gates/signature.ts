import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../calendar/time.ts';

export const timestampHeader = 'X-Gate-Timestamp';
export const signatureHeader = 'X-Gate-Signature';

/** How far the clock of a gate may be off (docs/domain.md, gate: 5 minutes' tolerance). */
const toleranceMilliseconds = 5 * 60_000;

/** Signs a message between the service and a gate: hex HMAC-SHA256 over the timestamp (Unix seconds), a dot, and the body. */
export function gateSignature(secret: string, timestamp: string, body: Uint8Array | string): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

/** The headers of a signed message that is sent now. */
export function signedHeaders(secret: string, body: string, now: Instant): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return { [timestampHeader]: timestamp, [signatureHeader]: gateSignature(secret, timestamp, body) };
}

/** Whether a message was signed with the secret, and some minutes ago at most. Compares in constant time. */
export function isSigned(
  secret: string,
  { timestamp, signature, body }: { timestamp: string | undefined; signature: string | undefined; body: Uint8Array },
  now: Instant,
): boolean {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (signature === undefined || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const expected = Buffer.from(gateSignature(secret, timestamp, body), 'hex');
  const isGenuine = timingSafeEqual(expected, Buffer.from(signature, 'hex'));
  return isGenuine && Math.abs(now - Number(timestamp) * 1000) <= toleranceMilliseconds;
}
