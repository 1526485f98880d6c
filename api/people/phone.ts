/** Separators that people write in numbers, and the direction marks that come along when one is copied from a contact list. */
const DECORATION = /[\s().·‐‑–—\-\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/gu;
const MAINLAND_MOBILE = /^(?:\+86|0086|86)?(1[3-9]\d{9})$/;

/**
 * A mainland mobile number in E.164, `+8613800000001`, from any usual way of writing it, full-width digits included; null when it
 * is none. This is the only form that is stored and compared.
 */
export function normalisePhone(input: string): string | null {
  const match = MAINLAND_MOBILE.exec(input.normalize('NFKC').replace(DECORATION, ''));
  return match === null ? null : `+86${match[1]}`;
}

/** What others see of a number: `138****8001` (docs/domain.md, mask by default). What is not a mobile number shows nothing. */
export function maskPhone(phone: string): string {
  const national = normalisePhone(phone)?.slice('+86'.length) ?? '';
  return `${national.slice(0, 3)}****${national.slice(-4)}`;
}
