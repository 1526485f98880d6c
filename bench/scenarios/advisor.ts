import { parseCalendarCsv } from '../../api/calendar/csv.ts';
import { datesBetween } from '../../api/calendar/time.ts';
import { workingDays } from '../../api/calendar/working-days.ts';
import { propose, type DayDemand, type Proposal } from '../../api/services/shuttle/advisor/propose.ts';
import type { Departure, RideDemand } from '../../api/services/shuttle/advisor/riders-served.ts';
import { readFileSync } from 'node:fs';
import place from '../../db/seed/caohejing.json' with { type: 'json' };
import { median } from '../figures.ts';
import type { Scenario } from './bench.ts';

const people = 200_000;
/** Of all people, how many wish for a ride each way on an ordinary day. */
const share = 0.0006;
/** Of those who ride, how many go out for lunch and come back as well. */
const lunchShare = 0.15;
const quarter = 15;

/** One who rides: between the metro and their building, at their usual times, in minutes of the day. */
type Habit = { building: number; arrives: number; leaves: number };

/**
 * A year of synthetic demand for 200,000 people, and how long the advisor takes to propose a timetable for it, with the riders that it
 * would gain over the fixed one. It needs no database and no service.
 */
export const advisorOverAYear: Scenario = async ({ rounds }) => {
  const days = yearOfDemand();
  const present = place.shuttle.runs.map((run): Departure => {
    const [hours = 0, minutes = 0] = run.departs.split(':').map(Number);
    return { minute: hours * 60 + minutes, direction: run.direction as Departure['direction'] };
  });
  const shiftMinutes = 20;
  const line = {
    seating: { seats: place.shuttle.bus.seats, shiftMinutes, stops: place.shuttle.stops.length },
    frame: {
      ...{ buses: 1, cycleMinutes: 25, runs: present.length, gridMinutes: 5, shiftMinutes },
      firstMinute: 6.5 * 60,
      lastMinute: 22 * 60,
    },
  };
  const seconds: number[] = [];
  let last: Proposal | null = null;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    last = finish(propose(days, present, line));
    seconds.push((performance.now() - start) / 1000);
  }
  if (!last) throw new Error('there were no rounds');
  const { present: fixed, proposed, isExact } = last;
  const shown = proposed.runs.map(
    ({ minute, direction, riders }) => `${clock(minute)} ${direction} ${riders.toFixed(1)}`,
  );
  console.log(`    ${shown.join(', ')}`);
  const wishes = days.reduce((sum, { demand }) => sum + demand.reduce((all, { riders }) => all + riders, 0), 0);
  return [
    { name: `wishes in the year (${days.length} working days, ${people} people)`, value: wishes, unit: 'riders' },
    { name: 'time for a proposal', value: median(seconds), unit: 's', bar: { atMost: 2 } },
    { name: 'riders a day by the fixed timetable', value: fixed.riders, unit: 'riders' },
    { name: 'riders a day by the proposed timetable', value: proposed.riders, unit: 'riders' },
    { name: 'gain in riders', value: (proposed.riders / fixed.riders - 1) * 100, unit: '%', bar: { atLeast: 0 } },
    { name: 'proved to be the best for the average day (1: yes)', value: isExact ? 1 : 0, unit: 'ratio' },
  ];
};

function finish<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Working days of 2026; the same people with their habits, other ones of them each day. */
function yearOfDemand(): DayDemand[] {
  const random = randomFrom(2026);
  const habits = Array.from({ length: people }, () => habitOf(random));
  const parsed = parseCalendarCsv(readFileSync(new URL('../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'));
  if (!parsed.ok) throw new Error('the calendar cannot be read');
  const calendar = workingDays(parsed.days);
  const dates = datesBetween('2026-01-01', '2026-12-31').filter((date) => calendar.isWorkday(date));
  return dates.map((date) => ({ date, demand: dayOf(habits, random) }));
}

const last = place.shuttle.stops.length - 1;
const offsets = place.shuttle.stops.map(({ offsetMin }) => offsetMin);

function dayOf(habits: readonly Habit[], random: () => number): RideDemand[] {
  const cells = new Map<string, RideDemand>();
  // Rainy days and quiet ones.
  const riders = Math.round(people * share * (0.7 + 0.6 * random()));
  for (let rider = 0; rider < riders * (1 + lunchShare); rider++) {
    for (const direction of ['inbound', 'outbound'] as const) {
      const habit = habits[Math.floor(random() * people)];
      if (!habit) continue;
      const inbound = direction === 'inbound';
      const [from, to] = inbound ? [0, habit.building] : [last - habit.building, last];
      const usual = rider < riders ? (inbound ? habit.arrives : habit.leaves) : inbound ? lunchEnds : lunchBegins;
      const wished = usual + around(random) * 6;
      // Demand is known by the quarter of an hour; the run leaves its first stop earlier than theirs.
      const atStop = Math.floor(wished / quarter) * quarter + Math.floor(quarter / 2);
      const minute = atStop - (inbound ? 0 : (offsets[last] ?? 0) - (offsets[last - from] ?? 0));
      const key = `${direction} ${minute} ${from}`.concat(` ${to}`);
      const cell = cells.get(key);
      if (cell) cell.riders += 1;
      else cells.set(key, { direction, minute, from, to, riders: 1 });
    }
  }
  return [...cells.values()];
}

const [lunchBegins, lunchEnds] = [12 * 60 + 10, 13 * 60];

/** Work begins at nine for most, at half past eight or ten for others; some work late. */
function habitOf(random: () => number): Habit {
  const begins = [8 * 60 + 30, 9 * 60, 9 * 60, 9 * 60 + 30, 10 * 60][Math.floor(random() * 5)] ?? 540;
  const isLate = random() < 0.25;
  return {
    building: 1 + Math.floor(random() * last),
    arrives: begins - 25 + around(random) * 12,
    leaves: begins + 9 * 60 + 10 + (isLate ? 90 + random() * 90 : 0) + around(random) * 15,
  };
}

/** About 0, seldom beyond 2 either way. */
const around = (random: () => number) => random() + random() + random() + random() - 2;

/** Numbers from 0 up to 1 that follow from the seed alone (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
