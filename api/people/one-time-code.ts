import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';

/** Field defaults for phone codes (domain.md, People): six digits, five minutes, a minute between two, caps per phone. */
export const codeRules = { lifetimeSeconds: 300, resendSeconds: 60, maxAttempts: 5, maxPerDay: 10 };

const dayMilliseconds = 86_400_000;

/**
 * Makes a new code for a phone, in place of any older one; null when it is too soon or too often. `isCapped: false` lifts the caps
 * (demo people).
 */
export async function issueCode(
  db: Db,
  request: { siteId: number; phone: string; now: Instant; secret: string; isCapped: boolean },
): Promise<string | null> {
  const { siteId, phone, now, secret, isCapped } = request;
  const code = sixDigits();
  // A code from the future is from a demo clock that was moved back; it must not block anybody.
  const rows = await db.query(
    `INSERT INTO one_time_code AS c (site_id, phone, code_hash, sent_at, expires_at, attempts, sent_in_window, window_start)
     VALUES ($1, $2, $3, $4, $5, 0, 1, $4)
     ON CONFLICT (site_id, phone) DO UPDATE SET code_hash = excluded.code_hash, sent_at = excluded.sent_at,
       expires_at = excluded.expires_at, attempts = 0,
       sent_in_window = CASE WHEN c.window_start BETWEEN $6 AND $4 THEN least(c.sent_in_window, 9999) + 1 ELSE 1 END,
       window_start = CASE WHEN c.window_start BETWEEN $6 AND $4 THEN c.window_start ELSE $4 END
     WHERE NOT $7::boolean OR ((c.sent_at <= $8 OR c.sent_at > $4)
       AND (c.window_start NOT BETWEEN $6 AND $4 OR c.sent_in_window < $9))
     RETURNING phone`,
    [
      siteId,
      phone,
      await hashOf(secret, phone, code),
      toTimestamp(now),
      toTimestamp(now + codeRules.lifetimeSeconds * 1000),
      toTimestamp(now - dayMilliseconds),
      isCapped,
      toTimestamp(now - codeRules.resendSeconds * 1000),
      codeRules.maxPerDay,
    ],
  );
  return rows.length > 0 ? code : null;
}

/** Makes a code void and forgets when it was sent, but not that it was counted. */
export async function withdrawCode(db: Db, siteId: number, phone: string): Promise<void> {
  await db.query(
    `UPDATE one_time_code SET expires_at = sent_at, sent_at = sent_at - interval '1 hour'
     WHERE site_id = $1 AND phone = $2`,
    [siteId, phone],
  );
}

/** Uses a code up. Every try counts, right or wrong; after five the code is dead. */
export async function redeemCode(
  db: Db,
  request: { siteId: number; phone: string; code: string; now: Instant; secret: string },
): Promise<boolean> {
  const { siteId, phone, code, now, secret } = request;
  const hash = await hashOf(secret, phone, code);
  const rows = await db.query<{ matches: boolean }>(
    `UPDATE one_time_code SET attempts = attempts + 1
     WHERE site_id = $1 AND phone = $2 AND expires_at > $3 AND attempts < $4 RETURNING code_hash = $5 AS matches`,
    [siteId, phone, toTimestamp(now), codeRules.maxAttempts, hash],
  );
  if (rows[0]?.matches !== true) return false;
  const used = await db.query(
    'DELETE FROM one_time_code WHERE site_id = $1 AND phone = $2 AND code_hash = $3 RETURNING phone',
    [siteId, phone, hash],
  );
  return used.length > 0;
}

/** Unbiased: numbers past the last full million are drawn again. */
function sixDigits(): string {
  const bound = Math.floor(0x1_0000_0000 / 1_000_000) * 1_000_000;
  for (;;) {
    const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
    if (number < bound) return String(number % 1_000_000).padStart(6, '0');
  }
}

async function hashOf(secret: string, phone: string, code: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(`otp:${phone}:${code}`));
  return Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
