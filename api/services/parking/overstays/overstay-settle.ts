import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import {
  chargeFen,
  leaveBySoon,
  minutesLate,
  nextMoment,
  overstaysOf,
  type Overstay,
  type OverstayTerms,
  type Visit,
} from './overstay-rules.ts';

/** A car that went through a gate. */
export type Movement = { kind: 'entry' | 'exit'; at: Instant };

/** What is known of a booking's car. */
export type Stay = {
  /** Its joined stays, in order of start. */
  runs: readonly HalfOpen[];
  visits: readonly Visit[];
  /** What came before that is not known (any more); null when nothing is known at all. */
  knownFrom: Instant | null;
  terms: OverstayTerms;
};

/** What an overstay comes to, in figures. */
export type Figures = { endedAt: Instant | null; minutesLate: number; chargeFen: number };

/** An overstay that was noticed before. */
export type KnownOverstay = Figures & { id: string; leaveBy: Instant; isVoid: boolean; terms: OverstayTerms };

/** How an overstay that was noticed before differs from what is known now. */
export type Correction = Figures & {
  id: string;
  isVoid: boolean;
  event: 'ended' | 'voided' | 'restored' | 'corrected';
};

export type Settled = {
  opened: (Figures & { leaveBy: Instant })[];
  corrected: Correction[];
  /** The end of the stay that its driver should be told of now. */
  leaveBySoon: Instant | null;
  /** When to look again; null: not before the car goes through a gate again. */
  dueAt: Instant | null;
};

/** So often a car that is inside is looked at, since what it holds may change (a night is given back). */
const lookAgainMinutes = 10;
/** So long after its last stay a car that no gate saw leave is looked at. */
const lookedAtDays = 7;

/**
 * The visits that a booking's movements prove, in order. An entry after an entry says that the exit between them was not seen: nobody knows
 * how long that visit was, so nothing is held against anybody for it. Of two exits in a row the first counts.
 */
export function visitsOf(movements: readonly Movement[]): Visit[] {
  const order = { entry: 0, exit: 1 };
  const walk = movements.toSorted((a, b) => a.at - b.at || order[a.kind] - order[b.kind]);
  return walk.flatMap(({ kind, at }, index) => {
    const next = walk[index + 1];
    if (kind === 'exit' || next?.kind === 'entry') return [];
    return [{ enteredAt: at, leftAt: next?.at ?? null }];
  });
}

/**
 * What has to be written of a booking's overstays, from all that is known of it now: the same whatever the order in which it became known.
 * What was noticed before keeps the terms of its day.
 */
export function settle(stay: Stay, known: readonly KnownOverstay[], now: Instant): Settled {
  const { runs, visits, terms } = stay;
  const opened = overstaysOf(runs, visits, terms.graceMinutes, now)
    .filter(({ leaveBy }) => !known.some((overstay) => overstay.leaveBy === leaveBy))
    .map((overstay) => ({ leaveBy: overstay.leaveBy, ...figuresOf(overstay, terms) }));
  const isInside = visits.at(-1)?.leftAt === null;
  return {
    opened,
    corrected: known.flatMap((overstay) => corrected(stay, overstay, now)),
    leaveBySoon: isInside ? leaveBySoon(runs, terms.noticeMinutes, now) : null,
    dueAt: isInside ? lookAgainAt(runs, terms, now) : null,
  };
}

function figuresOf(overstay: Overstay, terms: OverstayTerms): Figures {
  return {
    endedAt: overstay.isOver ? overstay.until : null,
    minutesLate: minutesLate(overstay),
    chargeFen: chargeFen(overstay, terms),
  };
}

function corrected({ runs, visits, knownFrom }: Stay, known: KnownOverstay, now: Instant): Correction[] {
  const isForgotten = knownFrom === null || known.leaveBy < knownFrom;
  // Whoever has come in again since cannot be late any more, even if nobody knows when they left.
  const hasReturned = visits.some(({ enteredAt }) => enteredAt > known.leaveBy);
  if (isForgotten && (known.isVoid || known.endedAt !== null || !hasReturned)) return [];
  const found = overstaysOf(runs, visits, known.terms.graceMinutes, now).find(
    ({ leaveBy }) => leaveBy === known.leaveBy,
  );
  const { id } = known;
  if (!found) return known.isVoid ? [] : [{ ...known, id, isVoid: true, event: 'voided' }];
  const figures = figuresOf(found, known.terms);
  if (known.isVoid) return [{ id, ...figures, isVoid: false, event: 'restored' }];
  // While it goes on its figures are reckoned when somebody asks.
  if (figures.endedAt === known.endedAt) return [];
  const event = known.endedAt === null ? 'ended' : 'corrected';
  return [{ id, ...figures, isVoid: false, event }];
}

function lookAgainAt(runs: readonly HalfOpen[], terms: OverstayTerms, now: Instant): Instant | null {
  const lastEnd = runs.at(-1)?.endsAt ?? now;
  if (now > lastEnd + lookedAtDays * 86_400_000) return null;
  return Math.min(nextMoment(runs, terms, now) ?? Infinity, now + lookAgainMinutes * 60_000);
}
