/** Ordinary plates have seven characters, those of new-energy vehicles eight. */
export type PlateClass = 'ordinary' | 'new-energy';

export type Plate = { plate: string; plateClass: PlateClass };

/** What keeps a text from being a plate: the first thing to mend, from the left. */
export type PlateFault = 'province' | 'office' | 'length' | 'sign' | 'energy';

/* GA 36-2018. Province, then the letter of the issuing office; no I and no O, which would be read as 1 and 0. */
const PROVINCE = '[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]';
const OFFICE = `${PROVINCE}[A-HJ-NP-Z]`;
const SIGN = '[A-HJ-NP-Z0-9]';
/** A to E are battery-electric (D first of all), F to K are other new-energy vehicles (F first of all). */
const ENERGY = '[A-HJK]';

/** Five signs; or four before 学 driving school, 警 police, 领 consulate, 使 embassy, 挂 trailer; 港 and 澳 only on Guangdong's 粤Z. */
const ORDINARY = new RegExp(`^(?:${OFFICE}${SIGN}{5}|${OFFICE}${SIGN}{4}[学警领使挂]|粤Z${SIGN}{4}[港澳])$`);
/** The energy letter stands third on small vehicles, last on large ones. */
const NEW_ENERGY = new RegExp(`^${OFFICE}(?:${ENERGY}${SIGN}\\d{4}|\\d{5}${ENERGY})$`);

const DECORATION = /[\s.·•‧∙⋅・‐‑–—\-\u200B-\u200F\u2060\uFEFF]/gu;

/** A plate as a camera or a person wrote it, in the form that plates are kept in; whether such a plate can exist is not asked. */
export function normalPlate(input: string): string {
  return input.normalize('NFKC').replace(DECORATION, '').toUpperCase();
}

/**
 * Reads a licence plate as people write it (dots, spaces, lower case, full width) into the form that is stored and sent to gates,
 * `沪A12345`; null when no such plate can exist.
 */
export function parsePlate(input: string): Plate | null {
  const plate = normalPlate(input);
  if (ORDINARY.test(plate)) return { plate, plateClass: 'ordinary' };
  if (NEW_ENERGY.test(plate)) return { plate, plateClass: 'new-energy' };
  return null;
}

/** What is wrong with a text that `parsePlate` does not take; null for one that it does. */
export function plateFault(input: string): PlateFault | null {
  if (parsePlate(input) !== null) return null;
  const plate = normalPlate(input);
  const signs = [...plate];
  if (!new RegExp(`^${PROVINCE}`).test(plate)) return 'province';
  if (!new RegExp(`^${OFFICE}`).test(plate)) return signs.length === 1 ? 'length' : 'office';
  if (signs.length !== 7 && signs.length !== 8) return 'length';
  if (signs.slice(2).some((sign, index) => !isSignAt(sign, index + 2 === signs.length - 1))) return 'sign';
  return signs.length === 8 ? 'energy' : 'sign';
}

function isSignAt(sign: string, isLast: boolean): boolean {
  return new RegExp(isLast ? `^(?:${SIGN}|[学警领使挂港澳])$` : `^${SIGN}$`).test(sign);
}

/** What others see of a parsed plate: the office and the last two characters, `沪A·***45` (docs/domain.md, mask by default). */
export function maskPlate(plate: string): string {
  return `${plate.slice(0, 2)}·${'*'.repeat(Math.max(0, plate.length - 4))}${plate.slice(-2)}`;
}
