import { toText, type Instant } from '../../../calendar/time.ts';
import { maskPlate } from '../../../people/plate.ts';
import type { Context } from '../../service.ts';
import type { Lot } from './lots.ts';
import type { KeptSight } from './resolve-sight.ts';
import type { UnmatchedSight } from './unmatched-sights.ts';
import type { whoIsIn } from './who-is-in.ts';

/** A lot with a gate or guards, as the API shows it. */
export function presentLot({ id, name, kind, spaces }: Lot) {
  return { id, name, kind: kind === 'staffed' ? ('staffed' as const) : ('gated' as const), spaces };
}

/** Who is in a lot, as the API shows it: plates are masked. */
export function presentPresence({ site, now }: Context, lot: Lot, found: Awaited<ReturnType<typeof whoIsIn>>) {
  const text = (at: Instant) => toText(at, site.timeZone);
  const { inside, expected, list, unmatched } = found;
  return {
    lot: presentLot(lot),
    at: text(now),
    counts: {
      inside: inside.length,
      late: inside.filter(({ minutesLate }) => minutesLate > 0).length,
      expected: expected.length,
      spaces: lot.spaces,
      unmatched,
    },
    inside: inside.map(({ bookingId, plate, since, leaveBy, minutesLate, inCurfew }) => ({
      bookingId,
      plateMasked: maskPlate(plate),
      since: since === null ? null : text(since),
      leaveBy: leaveBy === null ? null : text(leaveBy),
      minutesLate,
      inCurfew,
    })),
    expected: expected.map(({ bookingId, plate, from, leaveBy }) => ({
      bookingId,
      plateMasked: maskPlate(plate),
      from: text(from),
      leaveBy: text(leaveBy),
    })),
    list,
  };
}

/** A sight that waits for somebody, as the API shows it: plates are masked. */
export function presentUnmatched({ site }: Context, { id, kind, at, plate, candidates }: UnmatchedSight) {
  const text = (instant: Instant) => toText(instant, site.timeZone);
  return {
    id: String(id),
    kind,
    at: text(at),
    plateMasked: maskPlate(plate),
    candidates: candidates.map(({ stay, run, likeness }) => ({
      bookingId: stay.bookingId,
      plateMasked: maskPlate(stay.plate),
      from: text(run.startsAt),
      leaveBy: text(run.endsAt),
      likeness,
    })),
  };
}

/** A sight after somebody said what it is. */
export function presentSight({ site }: Context, sight: KeptSight) {
  const { id, lotId, kind, at, plate, state, bookingId, reason } = sight;
  return {
    id: String(id),
    lotId,
    kind,
    at: toText(at, site.timeZone),
    plateMasked: maskPlate(plate),
    state,
    bookingId,
    reason,
  };
}
