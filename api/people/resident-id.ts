/**
 * A mainland resident-ID number: region, date of birth, serial and check digit. Longer runs of digits (bank cards, order numbers) are
 * none, and the date keeps most other numbers of eighteen digits out.
 */
const RESIDENT_ID = /(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\d)/g;
const BETWEEN_DIGITS = /(?<=\d)[\s\-_.·‐‑–—\u200B-\u200F\u2060\uFEFF]+(?=[\dX])/gu;

/** GB 11643-1999, ISO 7064 MOD 11-2: the weight of each of the first 17 digits, and the check digit for each remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS = '10X98765432';

/**
 * Whether a text has a resident-ID number in it, also a grouped or a full-width one. Such text is refused wherever people can write
 * freely (names, notes, reasons), because no resident-ID numbers are collected (docs/domain.md, people, law and security).
 */
export function containsResidentId(text: string): boolean {
  const written = text.normalize('NFKC').toUpperCase();
  const joined = written.replace(BETWEEN_DIGITS, '');
  return [written, joined].some((form) => form.match(RESIDENT_ID)?.some(hasRightCheckDigit) ?? false);
}

function hasRightCheckDigit(number: string): boolean {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return number.at(-1) === CHECK_DIGITS[sum % 11];
}
