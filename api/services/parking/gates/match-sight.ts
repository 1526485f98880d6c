import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import type { GateTerms } from '../rules.ts';
import { likenessOf, type Likeness } from './like-plates.ts';

/** A car that a gate saw. */
export type Sight = { kind: 'entry' | 'exit'; plate: string; at: Instant };

/** A booking of a lot as gates need it: its car, and the joined runs of its nights, in order of start. */
export type Stay = {
  bookingId: string;
  resourceId: string;
  plate: string;
  runs: HalfOpen[];
  /** When it was cancelled or gave way, after it had begun; null while it holds. */
  endedAt: Instant | null;
};

type Margins = Pick<GateTerms, 'earlyMinutes' | 'lateHours'>;

/** How a sight fits a stay; the lower, the better. */
const fits = { within: 0, late: 1, early: 2, ended: 3 } as const;
type Fit = { stay: Stay; run: HalfOpen; rank: number; distance: number };

/**
 * The booking that a sight belongs to: that of its very plate whose joined stay covers the instant, with margins: a car may come somewhat
 * early, and leaves late until its next stay begins. A misread plate never matches. Depends on nothing but the bookings, so sights may
 * come in any order. Pure.
 */
export function matchSight(sight: Sight, stays: readonly Stay[], margins: Margins): Stay | null {
  const own = stays.filter(({ plate }) => plate === sight.plate);
  return own.length === 0 ? null : (bestFit(sight, own, margins)?.stay ?? null);
}

/** A booking that a sight may belong to, and which of its runs. */
export type Candidate = { stay: Stay; run: HalfOpen; likeness: Likeness | 'same' };

/** The bookings that a sight may belong to, whose plate it could be: for somebody who decides; the likeliest first. Pure. */
export function candidatesFor(sight: Sight, stays: readonly Stay[], margins: Margins, most: number): Candidate[] {
  const order = { same: 0, confusable: 1, 'one-off': 2 };
  return stays
    .flatMap((stay): (Candidate & Fit)[] => {
      const likeness = stay.plate === sight.plate ? 'same' : likenessOf(sight.plate, stay.plate);
      const fit =
        likeness &&
        bestFit(
          sight,
          stays.filter(({ plate }) => plate === stay.plate),
          margins,
        );
      return likeness && fit?.stay === stay ? [{ ...fit, likeness }] : [];
    })
    .toSorted((a, b) => order[a.likeness] - order[b.likeness] || byFit(a, b))
    .slice(0, most)
    .map(({ stay, run, likeness }) => ({ stay, run, likeness }));
}

/** Whether a sight, whatever plate was read, can be of a stay by its time. */
export function couldBeOf(sight: Omit<Sight, 'plate'>, stay: Stay, margins: Margins): boolean {
  return bestFit({ ...sight, plate: stay.plate }, [stay], margins) !== null;
}

/** Of the stays of one plate the one that fits best. */
function bestFit(sight: Sight, own: readonly Stay[], margins: Margins): Fit | null {
  const fitting = own.flatMap((stay) => stay.runs.flatMap((run) => fitOf(sight, stay, run, own, margins) ?? []));
  return fitting.toSorted(byFit)[0] ?? null;
}

function byFit(a: Fit, b: Fit): number {
  const [one, other] = [a.stay.bookingId, b.stay.bookingId];
  return a.rank - b.rank || a.distance - b.distance || (one < other ? -1 : Number(one > other));
}

function fitOf(
  { kind, at }: Sight,
  stay: Stay,
  run: HalfOpen,
  own: readonly Stay[],
  { earlyMinutes, lateHours }: Margins,
): Fit | null {
  // Who is in when their booking ends may still leave; nobody comes in on it.
  if (stay.endedAt !== null && kind === 'entry' && at >= stay.endedAt) return null;
  const fit = (rank: number, distance: number): Fit => ({
    stay,
    run,
    rank: stay.endedAt === null ? rank : fits.ended + rank,
    distance,
  });
  if (at >= run.startsAt && at < run.endsAt) return fit(fits.within, 0);
  if (at < run.startsAt) {
    const before = run.startsAt - at;
    return before <= earlyMinutes * 60_000 ? fit(fits.early, before) : null;
  }
  if (kind === 'entry') return null;
  const after = at - run.endsAt;
  const isPassed = own.some(({ runs }) => runs.some(({ startsAt }) => startsAt >= run.endsAt && startsAt <= at));
  return after <= lateHours * 3_600_000 && !isPassed ? fit(fits.late, after) : null;
}
