import { checkInAll } from '../../api/engine/check-in.ts';
import { endBookings } from '../../api/engine/end-bookings.ts';
import type { Engine } from '../../api/engine/engine.ts';
import { slotsOfResources } from '../../api/engine/find-slots.ts';
import { freshSlots } from '../../api/engine/kept-slots.ts';
import type { Slot } from '../../api/engine/types.ts';
import type { Instant } from '../../api/calendar/time.ts';
import type { Caller } from '../../api/people/caller.ts';
import { rideOn } from '../../api/services/shuttle/draft-seats.ts';
import { fits, without } from '../../api/services/shuttle/standby/best-fill.ts';
import { chooseRiders } from '../../api/services/shuttle/standby/choose-riders.ts';
import { joinStandby, leaveStandby } from '../../api/services/shuttle/standby/join-standby.ts';
import { releaseAt, releaseUnscanned } from '../../api/services/shuttle/standby/release-unscanned.ts';
import type { Context, Resource, Surroundings } from '../../api/services/service.ts';
import type { LegFacts } from '../../api/services/shuttle/run-rules.ts';
import type { OpenDb } from '../../db/db.ts';
import { mostSeatLegsOf } from './interval-oracle.ts';
import type { Random } from './seeded-random.ts';

/** Somebody who asks for a ride, by the stops' places in the run. */
export type Asked = { from: number; to: number; seats: number };
/** What happens on a day, in order: the asking and the cancelling of the nth. */
export type Happening = { does: 'asks' | 'cancels'; who: number };
export type RandomDay = { asked: Asked[]; happenings: Happening[]; cancelled: ReadonlySet<number> };

/**
 * A random day of a run: rides between any two stops, seven of ten for one and the rest for two to four, until `load` times as many seat-legs
 * are asked for as there are; `cancels` of a hundred think better of it, at any later moment.
 */
export function randomDay(
  random: Random,
  { legs, seats, load, cancels }: { legs: number; seats: number; load: number; cancels: number },
): RandomDay {
  const asked: Asked[] = [];
  for (let total = 0; total < load * legs * seats;) {
    const [one, other] = [random.whole(legs + 1), random.whole(legs + 1)];
    if (one === other) continue;
    const party = random.pick([1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4]);
    asked.push({ from: Math.min(one, other), to: Math.max(one, other), seats: party });
    total += Math.abs(one - other) * party;
  }
  const happenings: Happening[] = asked.map((_, who) => ({ does: 'asks', who }));
  const cancelled = new Set(asked.keys().filter(() => random.whole(100) < cancels));
  for (const who of cancelled) {
    const after = happenings.findIndex((happening) => happening.who === who) + 1;
    happenings.splice(after + random.whole(happenings.length - after + 1), 0, { does: 'cancels', who });
  }
  return { asked, happenings, cancelled };
}

/** What was sold on a day, in seat-legs, beside what could have been. */
export type DayFigures = {
  sold: number;
  /** The best fill of the standby riders into what first-come bookings left: the promises that were made are kept. */
  bestKept: number;
  /** The best of all that was asked for and not cancelled, as if it had been known before, and promises broken. */
  bestKnowing: number;
  /** Who only sells whole runs, first come first served. */
  wholeRuns: number;
};

export const seatLegsOf = (rides: readonly Asked[]): number =>
  rides.reduce((sum, { from, to, seats }) => sum + (to - from) * seats, 0);

/** A run of a date on a database, with people who ride; each asks once a day. */
export type DayStage = {
  db: OpenDb;
  engine: Engine;
  surroundings: Surroundings;
  run: Resource;
  date: string;
  /** When people book. */
  booksAt: Instant;
  personIds: readonly string[];
  /** Told after each happening. */
  look?: (legs: readonly Slot[]) => void;
};

/** Plays a day on the real engine: people book or stand by, cancel, everybody who booked comes, and each stop releases what is left. */
export async function playDay(stage: DayStage, day: RandomDay): Promise<DayFigures> {
  const { db, surroundings, run, date } = stage;
  const legs = await slotsOfResources(db, surroundings.site.id, [run.id], [date]);
  const seats = legs.map(({ capacity }) => capacity);
  const { bookings, standby } = await bookAndCancel(stage, legs, day);
  const promised = [...bookings.keys()].map((who) => day.asked[who]!);
  await driveBy(stage, legs, bookings, day);
  const left = promised.reduce<readonly number[]>(without, seats);
  return {
    sold: seatLegsOf(await riddenOn(stage, legs)),
    bestKept:
      seatLegsOf(promised) +
      mostSeatLegsOf(
        left,
        standby.map((who) => day.asked[who]!),
      ),
    ...bestOf(day, seats),
  };
}

/** The same day played with nothing but the rules, in memory: what the engine must come to, seat by seat. */
export function playInMemory(day: RandomDay, seats: readonly number[]): DayFigures {
  const booked = new Set<number>();
  const waiting = new Set<number>();
  let free: readonly number[] = seats;
  for (const { does, who } of day.happenings) {
    const ride = day.asked[who]!;
    if (does === 'asks' && fits(free, ride)) {
      free = without(free, ride);
      booked.add(who);
    } else if (does === 'asks') waiting.add(who);
    else if (booked.delete(who)) free = without(free, { ...ride, seats: -ride.seats });
    else waiting.delete(who);
  }
  const promised = [...booked].map((who) => day.asked[who]!);
  const standby = [...waiting].map((who) => day.asked[who]!);
  const bestKept = seatLegsOf(promised) + mostSeatLegsOf(free, standby);
  const on: Asked[] = [];
  for (const stop of seats.keys()) {
    const inLine = standby.filter((ride) => ride.from >= stop && !on.includes(ride));
    const chosen = chooseRiders(free, inLine, (leg) => leg === stop);
    free = chosen.reduce<readonly number[]>(without, free);
    on.push(...chosen);
  }
  return { sold: seatLegsOf([...promised, ...on]), bestKept, ...bestOf(day, seats) };
}

/** What could have been sold, whatever was promised. */
function bestOf(day: RandomDay, seats: readonly number[]): Pick<DayFigures, 'bestKnowing' | 'wholeRuns'> {
  const wanted = day.asked.filter((_, who) => !day.cancelled.has(who));
  return { bestKnowing: mostSeatLegsOf(seats, wanted), wholeRuns: soldWhole(Math.max(...seats), day) };
}

const contextAt = ({ db, surroundings }: DayStage, now: Instant): Context => ({
  db,
  slots: freshSlots(db),
  now,
  ...surroundings,
});
const callerOf = (stage: DayStage, who: number) => ({ personId: stage.personIds[who]! }) as Caller;

async function bookAndCancel(stage: DayStage, legs: readonly Slot[], { asked, happenings }: RandomDay) {
  const { db, engine, surroundings, run, date, booksAt } = stage;
  const siteId = surroundings.site.id;
  const context = contextAt(stage, booksAt);
  const stops = [...legs.map(({ facts }) => (facts as LegFacts).fromStopId), (legs.at(-1)!.facts as LegFacts).toStopId];
  const bookings = new Map<number, string>();
  const standby = new Map<number, string>();
  for (const { does, who } of happenings) {
    const { from, to, seats } = asked[who]!;
    const { personId } = callerOf(stage, who);
    if (does === 'asks') {
      const wish = { boardStopId: stops[from]!, alightStopId: stops[to]!, seats };
      const draft = rideOn(context, run, legs, personId, { ...wish, isAccessible: false, wheelchair: false });
      if (typeof draft === 'string') throw new Error(draft);
      const request = { siteId, personId, actorId: personId, at: booksAt, drafts: [draft], idempotency: null };
      const admission = await engine.admit(request);
      if (admission.ok && 'bookingIds' in admission) bookings.set(who, admission.bookingIds[0]!);
      else {
        const place = { runId: run.id, serviceDate: date, ...wish };
        const joined = await joinStandby(context, callerOf(stage, who), place, null);
        if (!joined.ok || !joined.result.ok) throw new Error(JSON.stringify([admission, joined]));
        standby.set(who, String(joined.result.id));
      }
    } else if (bookings.has(who)) {
      const end = {
        siteId,
        bookingIds: [bookings.get(who)!],
        actorId: personId,
        at: booksAt,
        to: 'cancelled' as const,
      };
      await db.transaction((tx) => endBookings(tx, end));
      bookings.delete(who);
    } else {
      await leaveStandby(context, callerOf(stage, who), standby.get(who)!);
      standby.delete(who);
    }
    stage.look?.(await slotsOfResources(db, siteId, [run.id], [date]));
  }
  return { bookings, standby: [...standby.keys()] };
}

/** Everybody who booked is scanned at their stop; then what is left there is released. */
async function driveBy(stage: DayStage, legs: readonly Slot[], bookings: ReadonlyMap<number, string>, day: RandomDay) {
  const { db, surroundings, run, date } = stage;
  const siteId = surroundings.site.id;
  for (const [stop, leg] of legs.entries()) {
    const now = releaseAt(run, leg)!;
    const scans = [...bookings].flatMap(([who, bookingId]) =>
      day.asked[who]!.from === stop
        ? [{ bookingId, nonce: bookingId, at: now, by: { actorId: stage.personIds[who]! } }]
        : [],
    );
    await db.transaction((tx) => checkInAll(tx, { siteId, now }, scans));
    await releaseUnscanned(contextAt(stage, now), run.id, date);
    stage.look?.(await slotsOfResources(db, siteId, [run.id], [date]));
  }
}

/** The rides that the lines of live bookings come to, leg by leg. */
async function riddenOn({ db, surroundings }: DayStage, legs: readonly Slot[]): Promise<Asked[]> {
  const rows = await db.query<{ slotId: number; units: number }>(
    `SELECT l.slot_id AS "slotId", sum(l.units)::int AS units FROM booking_line l
     JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id AND b.state IN ('confirmed', 'checked_in')
     WHERE l.site_id = $1 AND l.slot_id = ANY($2::bigint[]) GROUP BY l.slot_id`,
    [surroundings.site.id, legs.map(({ id }) => id)],
  );
  return rows.map(({ slotId, units }) => {
    const from = legs.findIndex(({ id }) => id === slotId);
    if (units > legs[from]!.capacity) throw new Error(`leg ${from + 1} of ${units} seats`);
    return { from, to: from + 1, seats: units };
  });
}

function soldWhole(seats: number, { asked, happenings }: RandomDay): number {
  let free = seats;
  const sold = new Set<number>();
  for (const { does, who } of happenings) {
    const party = asked[who]!.seats;
    if (does === 'asks' && party <= free) {
      free -= party;
      sold.add(who);
    } else if (does === 'cancels' && sold.delete(who)) free += party;
  }
  return seatLegsOf([...sold].map((who) => asked[who]!));
}
