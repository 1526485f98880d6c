import { minutesAfter, minutesBefore, type HalfOpen, type Instant } from '../../../calendar/time.ts';
import type { AgreementFacts } from '../rules.ts';

export type OverstayTerms = AgreementFacts['overstay'];

/** From a car's entry to its exit; no exit while it is inside. */
export type Visit = { enteredAt: Instant; leftAt: Instant | null };

/** How a car stayed after the end of one of its joined stays. */
export type Overstay = {
  leaveBy: Instant;
  /** Up to when it had no right to be there: its exit, the beginning of its next stay, or the present. */
  until: Instant;
  /** Whether that is over. */
  isOver: boolean;
};

const dayMinutes = 1_440;

/**
 * What a booking's visits come to, overstay by overstay (docs/domain.md, Overstays). `runs` are its joined stays in order of start, so that
 * a car that holds a run of days off leaves by its end, and separate nights each have an end of their own. Who comes back between two stays
 * has left in time and is only early for the next one.
 */
export function overstaysOf(
  runs: readonly HalfOpen[],
  visits: readonly Visit[],
  graceMinutes: number,
  now: Instant,
): Overstay[] {
  return runs.flatMap(({ endsAt: leaveBy }, index) => {
    const visit = visits.find(({ enteredAt, leftAt }) => enteredAt < leaveBy && (leftAt === null || leftAt > leaveBy));
    if (!visit) return [];
    const nextStart = runs[index + 1]?.startsAt ?? Infinity;
    const until = Math.min(visit.leftAt ?? now, nextStart);
    if (until <= minutesAfter(leaveBy, graceMinutes)) return [];
    return [{ leaveBy, until, isOver: visit.leftAt !== null || nextStart <= now }];
  });
}

/** The next instant after `now` at which a car that is inside must be told, or is late: null when no stay of its booking is left. */
export function nextMoment(
  runs: readonly HalfOpen[],
  { graceMinutes, noticeMinutes }: OverstayTerms,
  now: Instant,
): Instant | null {
  const moments = runs.flatMap(({ endsAt }, index) => [
    minutesBefore(endsAt, noticeMinutes),
    // Not late while the grace lasts, its last instant included.
    minutesAfter(endsAt, graceMinutes) + 1,
    runs[index + 1]?.startsAt ?? Infinity,
  ]);
  const next = Math.min(...moments.filter((moment) => moment > now));
  return Number.isFinite(next) ? next : null;
}

/** The end of the stay that a car which is inside should be told of now: it comes within the notice's time. */
export function leaveBySoon(runs: readonly HalfOpen[], noticeMinutes: number, now: Instant): Instant | null {
  const run = runs.find(
    ({ startsAt, endsAt }) => startsAt <= now && minutesBefore(endsAt, noticeMinutes) <= now && now < endsAt,
  );
  return run?.endsAt ?? null;
}

/** Whole minutes from leave-by on. */
export function minutesLate({ leaveBy, until }: Pick<Overstay, 'leaveBy' | 'until'>): number {
  return Math.max(0, Math.floor((until - leaveBy) / 60_000));
}

/** The ordinary tariff of each hour that was begun after the grace. Fen; told, never charged by this service. */
export function chargeFen(
  { leaveBy, until }: Pick<Overstay, 'leaveBy' | 'until'>,
  { graceMinutes, hourlyFen }: OverstayTerms,
): number {
  const charged = until - minutesAfter(leaveBy, graceMinutes);
  return charged <= 0 ? 0 : Math.ceil(charged / 3_600_000) * hourlyFen;
}

/** An overstay of one person at one lender, by the terms of its day. `counts`: neither waived, void nor won or pending on appeal. */
export type LadderEntry = { id: string; leaveBy: Instant; counts: boolean; terms: OverstayTerms };

/** What an overstay led to: the first is noted. */
export type Consequence = {
  /** Which one it is among those that count with it. */
  number: number;
  step: 'noted' | 'warning' | 'suspension';
  suspendedUntil: Instant | null;
};

/** The instant from which an overstay counts: when its grace was over. */
const countedAt = ({ leaveBy, terms }: LadderEntry): Instant => minutesAfter(leaveBy, terms.graceMinutes);

const countWithin = (entries: readonly LadderEntry[], at: Instant, days: number): number =>
  entries.filter(
    (entry) => entry.counts && countedAt(entry) <= at && countedAt(entry) > minutesBefore(at, days * dayMinutes),
  ).length;

/** What each overstay that counts led to, by id; a waived one takes its step back. Days are of 24 hours. */
export function consequencesOf(entries: readonly LadderEntry[]): Map<string, Consequence> {
  return new Map(
    entries
      .filter(({ counts }) => counts)
      .map((entry) => {
        const { countedDays, warnAt, suspendAt, suspendDays } = entry.terms;
        const at = countedAt(entry);
        const number = countWithin(entries, at, countedDays);
        const isSuspended = number >= suspendAt;
        const step = isSuspended ? 'suspension' : number >= warnAt ? 'warning' : 'noted';
        return [
          entry.id,
          { number, step, suspendedUntil: isSuspended ? minutesAfter(at, suspendDays * dayMinutes) : null },
        ];
      }),
  );
}

/** Where a person stands with a lender. */
export type Standing = {
  step: 'clear' | 'noted' | 'warning' | 'suspended';
  /** So many overstays count now. */
  count: number;
  suspendedUntil: Instant | null;
};

/** Where somebody stands now by the terms of their latest overstay. A suspension ends by itself. */
export function standingOf(
  entries: readonly LadderEntry[],
  { countedDays, warnAt }: OverstayTerms,
  now: Instant,
): Standing {
  const ends = [...consequencesOf(entries).values()].flatMap(({ suspendedUntil }) => suspendedUntil ?? []);
  const suspendedUntil = Math.max(...ends, 0);
  const count = countWithin(entries, now, countedDays);
  if (suspendedUntil > now) return { step: 'suspended', count, suspendedUntil };
  return { step: count >= warnAt ? 'warning' : count > 0 ? 'noted' : 'clear', count, suspendedUntil: null };
}
