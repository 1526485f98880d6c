/** A plate has seven characters, that of a new-energy vehicle eight. */
export const plateLength = 8;

const provinces = [...'沪京津冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新'];
const digits = [...'1234567890'];
/** No I and no O, which would be read as 1 and 0. */
const letters = [...'ABCDEFGHJKLMNPQRSTUVWXYZ'];
/** What may stand last on an ordinary plate: driving school, police, consulate, embassy, trailer, Hong Kong, Macao. */
const endings = [...'学警领使挂港澳'];

const decoration = /[\s.·•‧∙⋅・‐‑–—\-\u200B-\u200F\u2060\uFEFF]/gu;

/** What somebody typed or pasted, as the boxes show it. What is wrong with it the API says. */
export function plateText(typed: string): string {
  return [...typed.normalize('NFKC').replace(decoration, '').toUpperCase()].slice(0, plateLength).join('');
}

/** The keys for the next character: a province, then a letter, then digits and letters, at the end also the special signs. */
export function keysAfter(typed: string): { key: string; isOn: boolean }[] {
  const at = [...typed].length;
  if (at === 0) return provinces.map((key) => ({ key, isOn: true }));
  const isFull = at >= plateLength;
  const keys = [
    ...digits.map((key) => ({ key, isOn: at > 1 && !isFull })),
    ...letters.map((key) => ({ key, isOn: !isFull })),
  ];
  return at === 6 ? [...keys, ...endings.map((key) => ({ key, isOn: true }))] : keys;
}
