import type { Random } from '../../tests/support/seeded-random.ts';

/** What a gate tells of one car (`POST /api/v1/gates/events`). */
export type Sight = { serial: string; event: string; kind: 'entry' | 'exit'; plate: string; at: string };

/** How often, from 0 to 1, each thing goes wrong with a sight. */
export type Mischief = {
  /** It is never told. */
  lose: number;
  /** It is told again, up to three times, in the same message or a later one. */
  repeat: number;
  /** One character of its plate is read for another that looks like it. */
  misread: number;
  /** It is told after many others that were seen later. */
  delay: number;
};

export const usualMischief: Mischief = { lose: 0.03, repeat: 0.15, misread: 0.03, delay: 0.2 };

/** What is told in the end, in messages, and what went wrong on the way. */
export type Misbehaved = { messages: Sight[][]; lost: Sight[]; misread: Map<Sight, Sight> };

/**
 * Takes what happened, in order, and makes of it what a bad gate tells: late, twice, out of order, lost and misread. Follows from the random
 * numbers alone, so that a run can be repeated.
 */
export function misbehave(
  clean: readonly Sight[],
  random: Random,
  { mischief = usualMischief, perMessage = 500 }: { mischief?: Mischief; perMessage?: number } = {},
): Misbehaved {
  const lost: Sight[] = [];
  const misread = new Map<Sight, Sight>();
  const told: { place: number; sight: Sight }[] = [];
  for (const [index, sight] of clean.entries()) {
    if (random.next() < mischief.lose) {
      lost.push(sight);
      continue;
    }
    const read = random.next() < mischief.misread ? misreadOf(sight, random) : sight;
    if (read !== sight) misread.set(read, sight);
    const times = random.next() < mischief.repeat ? 2 + random.whole(3) : 1;
    for (let time = 0; time < times; time++)
      told.push({ place: placeOf(index, clean.length, random, mischief), sight: read });
  }
  const inOrder = told.toSorted((a, b) => a.place - b.place).map(({ sight }) => sight);
  const messages = Array.from({ length: Math.ceil(inOrder.length / perMessage) }, (_, number) =>
    inOrder.slice(number * perMessage, (number + 1) * perMessage),
  );
  return { messages, lost, misread };
}

/** Where a sight is told: near its own place, or anywhere behind it. */
function placeOf(index: number, count: number, random: Random, { delay }: Mischief): number {
  return random.next() < delay ? index + random.next() * (count - index) : index + random.next() * 5;
}

const looksLike: Readonly<Record<string, string>> = {
  0: 'OD',
  1: 'I7',
  2: 'Z',
  5: 'S',
  6: 'G',
  8: 'B',
  B: '8',
  D: '0',
  S: '5',
  Z: '2',
  沪: '泸',
};

/** The same sight with one character read for another; itself when none of them can be. */
function misreadOf(sight: Sight, random: Random): Sight {
  const places = [...sight.plate].flatMap((character, place) => (looksLike[character] ? [place] : []));
  if (places.length === 0) return sight;
  const characters = [...sight.plate];
  const place = random.pick(places);
  characters[place] = random.pick([...(looksLike[characters[place] ?? ''] ?? '')]);
  return { ...sight, plate: characters.join('') };
}
