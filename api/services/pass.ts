import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../calendar/time.ts';

/** Field defaults for passes (domain.md, Pick-up: signed, rotating every 30–60 s, with a six-digit fallback). */
export const passRules = {
  rotationSeconds: 60,
  /** How long a code is still taken after the next one is shown: somebody is typing it in. */
  graceSeconds: 60,
};

/** Whose pass it is. */
export type PassHolder = { siteId: number; bookingId: string };

/** What a booking's owner shows: a text for a QR code and six digits, both good until `validUntil`. */
export type Pass = { qr: string; digits: string; validFrom: Instant; validUntil: Instant; refreshAt: Instant };

export type Passes = ReturnType<typeof createPasses>;

/** Signs passes and knows them again. Nothing of them is kept: they follow from the secret, the booking and the time. */
export function createPasses(secret: string) {
  // Signatures of passes are good for nothing else that the secret signs.
  const key = createHmac('sha256', secret).update('chaoxi: passes').digest();
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();

  function signature({ siteId, bookingId }: PassHolder, turn: number): string {
    return sign(`qr:${siteId}:${bookingId}:${turn}`).subarray(0, 16).toString('base64url');
  }

  function digitsOf({ siteId, bookingId }: PassHolder, turn: number): string {
    const number = sign(`digits:${siteId}:${bookingId}:${turn}`).readUInt32BE(0) % 1_000_000;
    return String(number).padStart(6, '0');
  }

  return {
    /** The pass of a booking at an instant. */
    of(holder: PassHolder, at: Instant): Pass {
      const turn = turnAt(at);
      const refreshAt = (turn + 1) * turnMilliseconds;
      return {
        qr: `${prefix}.${holder.bookingId}.${turn}.${signature(holder, turn)}`,
        digits: digitsOf(holder, turn),
        validFrom: turn * turnMilliseconds,
        validUntil: refreshAt + graceMilliseconds,
        refreshAt,
      };
    },

    /** Whose a scanned text is: null for what was not signed here, `expired` when it was not good at that instant. */
    read(siteId: number, text: string, at: Instant): { bookingId: string } | 'expired' | null {
      const [, bookingId = '', turnText = '', given = ''] = form.exec(text) ?? [];
      const turn = Number(turnText);
      if (bookingId === '' || !isSame(given, signature({ siteId, bookingId }, turn))) return null;
      return turnsGoodAt(at).includes(turn) ? { bookingId } : 'expired';
    },

    /** Those of some bookings whose digits were these at that instant: one, unless it so happens that two have the same. */
    ofDigits(siteId: number, digits: string, bookingIds: readonly string[], at: Instant): string[] {
      const turns = turnsGoodAt(at);
      return bookingIds.filter((bookingId) => turns.some((turn) => digitsOf({ siteId, bookingId }, turn) === digits));
    },
  };
}

const prefix = 'CHAOXI1';
const form = /^CHAOXI1\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,12})\.([\w-]{22})$/;
const turnMilliseconds = passRules.rotationSeconds * 1000;
const graceMilliseconds = passRules.graceSeconds * 1000;

const turnAt = (at: Instant): number => Math.floor(at / turnMilliseconds);

/** The turns whose codes are good at an instant: the present one, and those before it within the grace. */
function turnsGoodAt(at: Instant): number[] {
  const [first, last] = [turnAt(at - graceMilliseconds), turnAt(at)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (turn) => at < (turn + 1) * turnMilliseconds + graceMilliseconds,
  );
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
