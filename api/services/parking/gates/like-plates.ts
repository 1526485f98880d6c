/** How a plate that was read is like another: only by characters that cameras mix up, or with one more that is wrong, missing or too many. */
export type Likeness = 'confusable' | 'one-off';

/** Characters that are read for one another; each stands for its group. */
const mixedUp: Readonly<Record<string, string>> = Object.fromEntries(
  ['0ODQ', '8B', '1I7', '2Z', '5S', '6G', '4A', '沪泸'].flatMap((group) =>
    [...group].map((character) => [character, group[0] ?? character]),
  ),
);

/** A plate with each character as the first of its group. */
const blurred = (plate: string): string => [...plate].map((character) => mixedUp[character] ?? character).join('');

/** How one plate could have been read for another that it is not; null when it is the same, or not like it at all. Pure, and symmetric. */
export function likenessOf(read: string, plate: string): Likeness | null {
  if (read === plate) return null;
  const [a, b] = [blurred(read), blurred(plate)];
  if (a === b) return 'confusable';
  return isOneOff([...a], [...b]) ? 'one-off' : null;
}

/** Whether one character replaced, left out or put in makes one text of the other. */
function isOneOff(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  const rest = long.slice(same + 1).join('');
  const shortRest = short.slice(short.length === long.length ? same + 1 : same).join('');
  return rest === shortRest;
}
