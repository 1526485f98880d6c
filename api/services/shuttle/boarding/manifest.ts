import { createHash } from 'node:crypto';
import { toText, type HalfOpen, type Instant } from '../../../calendar/time.ts';
import { checkInTimes } from '../../../engine/check-in.ts';
import { maskedPeople } from '../../../people/masked.ts';
import { passRules, type Passes } from '../../pass.ts';
import type { Context } from '../../service.ts';
import { presentRunDay, type RunDay } from '../run-days.ts';
import type { ManifestAnswer } from './boarding-schemas.ts';
import { positionSpan } from './links.ts';
import { ridesOf, type Ride } from './rides.ts';
import { countsOf, tallyByStop, tallyOfRun } from './tally.ts';

/** For whom codes are told: a driver's link, whose name goes into every digest. */
export type CodesFor = { passes: Passes; linkId: string };

/**
 * Who boards and alights where on a run's day: names masked, nothing else of a person. For a driver's phone also digests of the passes of
 * its minutes, so that it can check them with the network down: whoever has the phone can check in those on the list, which is what the
 * link is for, but cannot make a QR code out of a digest.
 */
export async function manifestOf(context: Context, day: RunDay, codesFor: CodesFor | null): Promise<ManifestAnswer> {
  const { db, site, now } = context;
  const key = { siteId: site.id, runId: day.resource.id, serviceDate: day.serviceDate };
  const [rides, counts] = await Promise.all([ridesOf(db, key), countsOf(db, key)]);
  const [names, times] = await Promise.all([
    maskedPeople(
      db,
      site.id,
      rides.map(({ personId }) => personId),
    ),
    checkInTimes(
      db,
      site.id,
      rides.map(({ bookingId }) => bookingId),
    ),
  ]);
  const text = (instant: Instant) => toText(instant, site.timeZone);
  const { stops, runId, serviceDate, title, direction, state, departsAt, arrivesAt } = presentRunDay(context, day);
  const span = positionSpan(day);
  const tallies = tallyByStop(rides, counts);
  const turns = codesFor ? turnsOf([...times.values()]) : [];
  const nothing = { expected: 0, boarded: 0, withoutTicket: 0, alighted: 0 };
  return {
    ...{ runId, serviceDate, title, direction, state, departsAt, arrivesAt },
    now: text(now),
    positionFrom: text(span?.startsAt ?? now),
    positionUntil: text(span?.endsAt ?? now),
    stops: stops.map(({ stopId, name, at }) => ({ stopId, name, at, ...(tallies.get(stopId) ?? nothing) })),
    tally: tallyOfRun(tallies.values()),
    riders: rides.map((ride) => {
      const { bookingId, details, boardedAt } = ride;
      const span = times.get(bookingId) ?? { startsAt: now, endsAt: now };
      return {
        bookingId,
        name: names.get(ride.personId)?.name ?? '',
        seats: details.seats,
        wheelchair: details.wheelchair === true,
        boardStopId: details.boardStop.stopId,
        alightStopId: details.alightStop.stopId,
        state: boardingState(ride),
        boardedAt: boardedAt === null ? null : text(boardedAt),
        checkInFrom: text(span.startsAt),
        checkInUntil: text(span.endsAt),
        codes: codesFor ? codesOf(codesFor, { siteId: site.id, bookingId }, turns, span) : [],
      };
    }),
    turns: turns.map(({ startsAt, endsAt }) => ({ from: text(startsAt), until: text(endsAt) })),
    salt: codesFor?.linkId ?? '',
  };
}

function boardingState({ state }: Ride): 'expected' | 'boarded' | 'no-show' {
  if (state === 'confirmed') return 'expected';
  return state === 'no_show' ? 'no-show' : 'boarded';
}

const turnMilliseconds = passRules.rotationSeconds * 1000;
const goodFor = turnMilliseconds + passRules.graceSeconds * 1000;

/** The turns of passes from the first that is good at the first check-in, to the last of the last; each for as long as its codes are good. */
function turnsOf(times: readonly HalfOpen[]): HalfOpen[] {
  if (times.length === 0) return [];
  const first = Math.min(...times.map(({ startsAt }) => startsAt)) - goodFor + turnMilliseconds;
  const last = Math.max(...times.map(({ endsAt }) => endsAt));
  const start = Math.floor(first / turnMilliseconds) * turnMilliseconds;
  const count = Math.max(0, Math.ceil((last - start) / turnMilliseconds));
  return Array.from({ length: Math.min(count, mostTurns) }, (_, index) => {
    const startsAt = start + index * turnMilliseconds;
    return { startsAt, endsAt: startsAt + goodFor };
  });
}

/** A run that lasts longer than this has other needs than a phone's list. */
const mostTurns = 24 * 60;

/** The digests of a booking's codes, for the turns that are good at some time while it may be checked in. */
function codesOf(
  { passes, linkId }: CodesFor,
  holder: { siteId: number; bookingId: string },
  turns: readonly HalfOpen[],
  span: HalfOpen,
): { turn: number; qr: string; digits: string }[] {
  return turns.flatMap(({ startsAt, endsAt }, turn) => {
    if (startsAt >= span.endsAt || endsAt <= span.startsAt) return [];
    const { qr, digits } = passes.of(holder, startsAt);
    return [{ turn, qr: digestOf(`${linkId}|${qr}`), digits: digestOf(`${linkId}|${turn}|${digits}`) }];
  });
}

/** The first 96 bits: nobody meets another code's by chance. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
