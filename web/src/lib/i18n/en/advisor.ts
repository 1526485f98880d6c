import type { Texts } from '../zh-CN.ts';

const seats = (n: number) => `${n} ${n === 1 ? 'seat' : 'seats'}`;
const days = (n: number) => `${n} ${n === 1 ? 'day' : 'days'}`;

export const advisor: Texts['advisor'] = {
  title: 'Run advisor',
  line: 'From rides that people took, missed or looked for: how the runs of a day would serve most',
  period: { from: 'From', to: 'To', show: 'Reckon with these dates' },
  basis: (n, from, to) => `Reckoned from the demand of ${days(n)} between ${from} and ${to}`,
  counted: {
    title: 'The demand is made of',
    booking: (n) => `${seats(n)} booked`,
    waiting: (n) => `${seats(n)} waited for in vain`,
    refusal: (n) => `${seats(n)} refused because the bus was full`,
    search: (n) => `${n} ${n === 1 ? 'search' : 'searches'}`,
    names: 'Nobody is named. Who looks for the same ride again on the same day counts once.',
  },
  notEnoughTitle: 'Not enough data yet',
  notEnough: (n, minDays) =>
    `There is demand on ${days(n)} of this period, and a proposal needs at least ${minDays}. Choose a longer period, or come back later.`,
  noBetterTitle: 'The timetable fits well as it is',
  noBetter: (riders) => `It serves ${riders} riders a day on average. No timetable was found that would serve more.`,
  betterTitle: (gain) => `The proposed timetable would serve ${gain} more riders a day`,
  better: (before, after, percent) => `${after} instead of ${before} riders a day on average, ${percent}% more.`,
  exact: 'With the same buses and seats, no timetable serves more.',
  notExact: 'It is the best that was found; there may be a better one.',
  rule: (shift, cycle, buses) =>
    `Riders are taken to ride up to ${shift} minutes earlier or later than they wish, on the nearest run; when it is full, on the next. ${buses === 1 ? 'One bus' : `${buses} buses`}, ready again ${cycle} minutes after a departure.`,
  present: 'As it is now',
  proposed: 'Proposed',
  perDay: (riders) => `about ${riders} riders a day`,
  riders: (riders) => `about ${riders} riders`,
  fullest: (riders, n) => `fullest leg ${riders} of ${n} seats`,
  ways: { inbound: 'metro → park', outbound: 'park → metro' },
  change: {
    kept: 'as now',
    retimed: (before) => `now ${before}`,
    flipped: (before) => `now ${before}, other way`,
  },
  rides: (who) => `Mostly: ${who}`,
  between: ', ',
  ride: (from, to, riders) => `${from} → ${to} ${riders}`,
  accept: {
    title: 'Accept the proposal',
    from: 'From which date',
    fromHint: 'Tomorrow at the earliest. From a week ahead on, the fewest booked riders are touched.',
    fromMissing: 'Please choose the first date.',
    reason: 'Reason',
    reasonHint: 'Riders read it; at most 200 characters',
    reasonMissing: 'Please write a reason. Riders read it.',
    usualReason: 'Runs follow when people want to ride',
    plan: 'See what it changes',
    planTitle: (from) => `The proposed timetable from ${from}`,
    changed: (n, all) => `${n} of ${all} runs change.`,
    moved: (n) =>
      n === 0
        ? 'No booked ride moves to another time.'
        : `${n} booked ${n === 1 ? 'ride moves' : 'rides move'} to the new time of their run, and their riders are told.`,
    displaced: (n, offered) =>
      n === 0
        ? 'Nobody loses a seat.'
        : `${n} booked ${n === 1 ? 'ride loses' : 'rides lose'} the run, and ${offered} of them ${offered === 1 ? 'is' : 'are'} offered seats on another.`,
    leftQueue: (n) => `${n} ${n === 1 ? 'place' : 'places'} in a queue end, since the run does not go then any more.`,
    keptDays: (n) => `${n} ${n === 1 ? 'day that was' : 'days that were'} changed one by one stay as they are.`,
    undo: 'It can be taken back on the page of timetables until it begins.',
    confirm: 'Accept the proposed timetable',
    cancel: 'Not now',
    refused: 'It was not accepted',
    doneTitle: (from) => `The new timetable begins on ${from}`,
    doneBody: 'Riders with bookings were told. It can be taken back until it begins.',
    timetables: 'See the timetables',
  },
  demand: {
    title: 'When people want to ride',
    caption: (way) => `${way}: riders a day on average, by quarter of an hour`,
    quarter: 'Time',
    riders: 'Riders',
    none: 'no demand',
    present: 'departs now',
    proposed: 'proposed departure',
  },
};
