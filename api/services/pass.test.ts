import { describe, expect, test } from 'vitest';
import { parseInstant } from '../calendar/time.ts';
import { createPasses, passRules } from './pass.ts';

const passes = createPasses('the-secret-of-the-pass-tests-0123456789');
const holder = { siteId: 1, bookingId: '01900000-0000-7000-8000-000000000001' };
const other = { siteId: 1, bookingId: '01900000-0000-7000-8000-000000000002' };
const at = parseInstant('2026-11-24T08:05:20+08:00');
const second = 1000;

describe('a pass', () => {
  const pass = passes.of(holder, at);

  test('changes every 30 to 60 seconds, and its code stays good for a while after that', () => {
    expect(passRules.rotationSeconds).toBeGreaterThanOrEqual(30);
    expect(passRules.rotationSeconds).toBeLessThanOrEqual(60);
    expect(pass.validFrom).toBeLessThanOrEqual(at);
    expect(pass.refreshAt - pass.validFrom).toBe(passRules.rotationSeconds * second);
    expect(pass.validUntil - pass.refreshAt).toBe(passRules.graceSeconds * second);
    expect(passes.of(holder, pass.refreshAt - 1)).toEqual(pass);
    expect(passes.of(holder, pass.refreshAt).qr).not.toBe(pass.qr);
  });

  test('is known again from its first to its last moment, and not a moment longer', () => {
    expect(pass.digits).toMatch(/^\d{6}$/);
    for (const moment of [pass.validFrom, pass.refreshAt, pass.validUntil - 1]) {
      expect(passes.read(1, pass.qr, moment)).toEqual({ bookingId: holder.bookingId });
      expect(passes.ofDigits(1, pass.digits, [other.bookingId, holder.bookingId], moment)).toEqual([holder.bookingId]);
    }
    for (const moment of [pass.validFrom - 1, pass.validUntil]) {
      expect(passes.read(1, pass.qr, moment)).toBe('expired');
      expect(passes.ofDigits(1, pass.digits, [holder.bookingId], moment)).toEqual([]);
    }
  });

  test('is good for no other booking, no other site, and not under another secret', () => {
    expect(passes.read(1, pass.qr.replace(holder.bookingId, other.bookingId), at)).toBeNull();
    expect(passes.read(2, pass.qr, at)).toBeNull();
    expect(passes.ofDigits(2, pass.digits, [holder.bookingId], at)).toEqual([]);
    expect(createPasses('another-secret-of-the-pass-tests-0123456').read(1, pass.qr, at)).toBeNull();
  });

  test.each([
    ['a letter less', (qr: string) => qr.slice(0, -1)],
    ['another last letter', (qr: string) => `${qr.slice(0, -2)}${qr.at(-2) === 'A' ? 'B' : 'A'}${qr.at(-1)}`],
    ['a later turn', (qr: string) => qr.replace(/\.(\d+)\./, (_, turn: string) => `.${Number(turn) + 1}.`)],
    ['something before it', (qr: string) => `x${qr}`],
    ['nothing', () => ''],
  ])('is not known with %s', (_, changed) => {
    expect(passes.read(1, changed(pass.qr), at)).toBeNull();
  });

  test('tells both when two bookings happen to have the same digits', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);
    const holdersOf = Map.groupBy(many, (bookingId) => passes.of({ siteId: 1, bookingId }, pass.validFrom).digits);
    const shared = [...holdersOf].find(([, bookingIds]) => bookingIds.length > 1)!;
    expect(passes.ofDigits(1, shared[0], many, pass.validFrom)).toEqual(expect.arrayContaining(shared[1]));
  });
});
