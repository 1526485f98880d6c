import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resources } from '../../../../db/seed/caohejing.ts';
import { parseCalendarCsv } from '../../../calendar/csv.ts';
import { parseInstant, toText } from '../../../calendar/time.ts';
import { workingDays } from '../../../calendar/working-days.ts';
import { joinRanges } from '../../drafting.ts';
import {
  chargeFen,
  consequencesOf,
  leaveBySoon,
  minutesLate,
  nextMoment,
  overstaysOf,
  standingOf,
  type LadderEntry,
  type OverstayTerms,
  type Visit,
} from './overstay-rules.ts';
import { agreementFacts, staysOf } from '../rules.ts';

const zone = 'Asia/Shanghai';
const parsed = parseCalendarCsv(
  readFileSync(new URL('../../../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'),
);
const calendar = workingDays(parsed.ok ? parsed.days : []);
const seed = resources().find(({ id }) => id === 'guangqi-night')!;
const terms: OverstayTerms = agreementFacts.parse(seed.facts).overstay;
const at = (text: string) => parseInstant(`${text}:00+08:00`);
const minute = 60_000;
const day = 1_440 * minute;

/** The joined stays of some nights at Guangqi Park: 18:30–08:00, all day on days off. */
function nights(...dates: string[]) {
  const schedule = {
    id: 'x',
    validFrom: null,
    validTo: null,
    publishedFrom: null,
    publishedTo: null,
    ...seed.schedule!,
  };
  const slots = dates.flatMap((date) => staysOf(schedule, { from: date, to: date }, calendar, zone));
  return joinRanges(slots.map(({ startsAt, endsAt }) => ({ startsAt, endsAt })));
}
const lateOf = (runs: ReturnType<typeof nights>, visits: Visit[], now: string) =>
  overstaysOf(runs, visits, terms.graceMinutes, at(now)).map(({ leaveBy, until, isOver }) => ({
    leaveBy: toText(leaveBy, zone).slice(0, 16),
    until: toText(until, zone).slice(0, 16),
    isOver,
  }));

describe('how long a car may stay', () => {
  test('Friday’s and Saturday’s nights join up to Monday morning when Sunday’s is held as well, else they end on Sunday', () => {
    const ends = (...dates: string[]) => nights(...dates).map(({ endsAt }) => toText(endsAt, zone).slice(0, 16));
    expect(ends('2026-11-27', '2026-11-28')).toEqual(['2026-11-29T08:00']);
    expect(ends('2026-11-27', '2026-11-28', '2026-11-29')).toEqual(['2026-11-30T08:00']);
    expect(ends('2026-11-23', '2026-11-25')).toEqual(['2026-11-24T08:00', '2026-11-26T08:00']);
  });

  test('up to the last instant of the grace; a minute later it is late from leave-by on', () => {
    const runs = nights('2026-11-24');
    const inside = [{ enteredAt: at('2026-11-24T19:00'), leftAt: null }];
    expect(lateOf(runs, inside, '2026-11-25T08:15')).toEqual([]);
    expect(lateOf(runs, inside, '2026-11-25T08:16')).toEqual([
      { leaveBy: '2026-11-25T08:00', until: '2026-11-25T08:16', isOver: false },
    ]);
    const left = [{ enteredAt: at('2026-11-24T19:00'), leftAt: at('2026-11-25T08:15') }];
    expect(lateOf(runs, left, '2026-11-25T12:00')).toEqual([]);
  });

  test('again from the beginning of its next stay on, when it never left', () => {
    const runs = nights('2026-11-24', '2026-11-25');
    const inside = [{ enteredAt: at('2026-11-24T19:00'), leftAt: null }];
    expect(lateOf(runs, inside, '2026-11-26T09:00')).toEqual([
      { leaveBy: '2026-11-25T08:00', until: '2026-11-25T18:30', isOver: true },
      { leaveBy: '2026-11-26T08:00', until: '2026-11-26T09:00', isOver: false },
    ]);
  });

  test('who comes back too early for the next stay was not late for the last one', () => {
    const visits = [
      { enteredAt: at('2026-11-24T19:00'), leftAt: at('2026-11-25T07:50') },
      { enteredAt: at('2026-11-25T17:00'), leftAt: null },
    ];
    expect(lateOf(nights('2026-11-24', '2026-11-25'), visits, '2026-11-25T17:30')).toEqual([]);
  });

  test('the charge is the tariff of each hour that was begun after the grace', () => {
    const leaveBy = at('2026-11-25T08:00');
    const until = (text: string) => ({ leaveBy, until: at(`2026-11-25T${text}`) });
    const charges = ['08:15', '08:16', '09:15', '09:16', '18:30'].map((text) => chargeFen(until(text), terms));
    expect(charges).toEqual([0, 1_000, 1_000, 2_000, 11_000]);
    expect(minutesLate({ leaveBy, until: at('2026-11-25T08:16') + 59_999 })).toBe(16);
  });

  test('a driver is told half an hour before each leave-by, and looked at when the grace is over', () => {
    const runs = nights('2026-11-24', '2026-11-25');
    const told = (text: string) => leaveBySoon(runs, terms.noticeMinutes, at(text));
    expect([told('2026-11-25T07:29'), told('2026-11-25T08:00')]).toEqual([null, null]);
    expect([told('2026-11-25T07:30'), told('2026-11-25T07:59')]).toEqual([runs[0]!.endsAt, runs[0]!.endsAt]);
    let now = at('2026-11-24T19:00');
    const moments = [];
    for (let next = nextMoment(runs, terms, now); next !== null; next = nextMoment(runs, terms, now)) {
      now = next;
      moments.push(toText(Math.floor(next / 1000) * 1000, zone).slice(5, 16));
    }
    expect(moments).toEqual(['11-25T07:30', '11-25T08:15', '11-25T18:30', '11-26T07:30', '11-26T08:15']);
  });

  /** The oracle knows neither ranges nor visits: it goes from minute to minute and looks whether the car is there and may be. */
  test('a walk from minute to minute finds the same overstays', () => {
    const span = 400;
    const booked = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 5 }).map((slots) =>
      slots
        .toSorted((a, b) => a - b)
        .map((slot) => ({
          startsAt: slot * 40 * minute,
          endsAt: (slot * 40 + 25 + (slot % 3 === 0 ? 15 : 0)) * minute,
        })),
    );
    const stays = fc
      .uniqueArray(fc.nat(span), { minLength: 1, maxLength: 8 })
      .map((marks) => marks.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(booked, stays, fc.integer({ min: 0, max: 20 }), fc.nat(span), (slots, marks, grace, nowMinute) => {
        const known = marks.filter((mark) => mark <= nowMinute);
        const isThere = (at: number) => known.filter((mark) => mark <= at).length % 2 === 1;
        const mayBe = (at: number) =>
          slots.some(({ startsAt, endsAt }) => startsAt <= at * minute && at * minute < endsAt);
        const walked = [];
        for (let end = 1; end <= span; end++) {
          if (!mayBe(end - 1) || mayBe(end) || !isThere(end - 1) || !isThere(end)) continue;
          let last = end;
          while (last < nowMinute && !mayBe(last) && isThere(last)) last++;
          const until = Math.min(last, nowMinute);
          if (until > end + grace) walked.push([end, until]);
        }
        const visits = known.flatMap((mark, index) =>
          index % 2 === 1
            ? []
            : [
                {
                  enteredAt: mark * minute,
                  leftAt: known[index + 1] === undefined ? null : known[index + 1]! * minute,
                },
              ],
        );
        const found = overstaysOf(joinRanges(slots), visits, grace, nowMinute * minute);
        expect(found.map(({ leaveBy, until }) => [leaveBy / minute, until / minute])).toEqual(walked);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the ladder', () => {
  const first = at('2026-11-02T08:00');
  const entry = (days: number, counts = true): LadderEntry => ({
    id: String(days),
    leaveBy: first + days * day,
    counts,
    terms,
  });
  const steps = (...entries: LadderEntry[]) => [...consequencesOf(entries).values()].map(({ step }) => step);

  test('is a note, a warning, then a suspension of thirty days from the end of the grace', () => {
    const entries = [entry(0), entry(1), entry(2)];
    expect(steps(...entries)).toEqual(['noted', 'warning', 'suspension']);
    expect(toText(consequencesOf(entries).get('2')!.suspendedUntil!, zone)).toBe('2026-12-04T08:15:00+08:00');
  });

  test('is stepped back by what does not count, and what came after it steps back with it', () => {
    expect(steps(entry(0), entry(1, false), entry(2))).toEqual(['noted', 'warning']);
    expect(standingOf([entry(0), entry(1, false), entry(2)], terms, first + 3 * day)).toEqual({
      step: 'warning',
      count: 2,
      suspendedUntil: null,
    });
  });

  test('forgets after ninety days', () => {
    expect(steps(entry(0), entry(90))).toEqual(['noted', 'noted']);
    expect(steps(entry(0), entry(89))).toEqual(['noted', 'warning']);
  });

  test('ends a suspension by itself, to the instant', () => {
    const entries = [entry(0), entry(1), entry(2)];
    const until = consequencesOf(entries).get('2')!.suspendedUntil!;
    expect(standingOf(entries, terms, until - 1)).toMatchObject({ step: 'suspended', suspendedUntil: until });
    expect(standingOf(entries, terms, until)).toEqual({ step: 'warning', count: 3, suspendedUntil: null });
  });

  /** The oracle keeps no list: it asks for each instant of counting how many of the others lie in the days before it. */
  test('agrees with counting by hand, whatever counts and whatever the terms', () => {
    const someTerms = fc.record({
      countedDays: fc.integer({ min: 1, max: 20 }),
      warnAt: fc.integer({ min: 1, max: 3 }),
      suspendAt: fc.integer({ min: 1, max: 5 }),
      suspendDays: fc.integer({ min: 1, max: 20 }),
    });
    const someEntries = fc.uniqueArray(fc.record({ days: fc.nat(60), counts: fc.boolean() }), {
      selector: ({ days }) => days,
      maxLength: 12,
    });
    fc.assert(
      fc.property(someEntries, someTerms, fc.nat(100), (list, changed, today) => {
        const own = { ...terms, ...changed };
        const entries = list.map(({ days, counts }) => ({ ...entry(days, counts), terms: own }));
        const ladder = consequencesOf(entries);
        let suspendedDay = -1;
        for (const { days, counts } of list) {
          const number = list.filter(
            (other) => other.counts && other.days <= days && days - other.days < own.countedDays,
          ).length;
          const known = ladder.get(String(days));
          expect(known?.number ?? 0).toBe(counts ? number : 0);
          if (!counts) continue;
          const expected = number >= own.suspendAt ? 'suspension' : number >= own.warnAt ? 'warning' : 'noted';
          expect(known?.step).toBe(expected);
          if (expected === 'suspension') suspendedDay = Math.max(suspendedDay, days + own.suspendDays);
        }
        const now = first + today * day + terms.graceMinutes * minute;
        expect(standingOf(entries, own, now).step === 'suspended').toBe(suspendedDay > today);
      }),
    );
  });
});
