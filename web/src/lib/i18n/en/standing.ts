import type { Texts } from '../zh-CN.ts';

const days = (n: number) => `${n} ${n === 1 ? 'day' : 'days'}`;
const rides = (n: number) => `${n} ${n === 1 ? 'ride' : 'rides'}`;

export const standing: Texts['standing'] = {
  title: 'Regular rides',
  line: 'The same run every working day, booked for you',
  make: 'New regular ride',
  change: 'Change',
  pause: 'Pause',
  resume: 'Resume',
  end: 'End',
  emptyTitle: 'No regular ride yet',
  emptyBody:
    'If you take the same run every day, set it up once: each day is booked as soon as it opens, and you are told when one cannot be.',
  refused: 'That did not work',
  done: {
    made: 'It is set up, and the days that can be booked are booked',
    changed: 'Changed; days that were booked stay as they are',
    paused: 'Paused: nothing more is booked',
    resumed: 'Resumed: days are booked again',
    ended: 'Ended',
  },
  states: { active: 'Active', paused: 'Paused', ended: 'Ended' },
  everyWorkingDay: 'Every working day',
  each: (names) => `Every ${names.join(', ')}`,
  between: (from, until) => `${from} to ${until}`,
  withWheelchair: 'with the wheelchair place',
  joins: 'waits in line when full',
  needLook: (n) => `${days(n)} ${n === 1 ? 'needs' : 'need'} a look`,
  daysAhead: (n) => `See the next ${days(n)}`,
  pauseAsk: 'What about the rides that are booked?',
  pauseRule: 'Nothing more is booked until you resume.',
  endAsk: 'What about the rides that are booked?',
  endRule: 'It cannot be resumed; you can make a new one.',
  keep: (n) =>
    n > 0 ? `Keep the ${rides(n)} that ${n === 1 ? 'is' : 'are'} booked` : 'Nothing is booked that could be cancelled',
  giveBack: (n) => `Cancel the ${rides(n)} that can still be cancelled free of charge, and leave the waiting lists`,
  editLine: 'You see what each day comes to before you confirm',
  which: 'Which run',
  whichDays: 'Which days',
  someDays: 'Only on:',
  first: 'From',
  last: 'Until',
  waits: 'Wait in line for me on days that are full',
  look: 'See what each day comes to',
  noRuns: 'No run goes between these stops. Please choose others',
  noDays: 'Please choose at least one weekday',
  planTitle: (time, from, to) => `${time} ${from} → ${to}`,
  planSum: (now, later) =>
    [now > 0 ? `${days(now)} will be booked at once` : '', later > 0 ? `${days(later)} more as soon as they open` : '']
      .filter((part) => part !== '')
      .join('; ') || 'No day can be booked now.',
  rules: [
    'Each day is a booking like any other: you can cancel it by itself, and missing it counts.',
    'A day that you cancel is not booked again.',
    'You are told of each day that cannot be booked.',
  ],
  apply: 'Confirm and book from now on',
  applyChange: 'Confirm the change',
  outcomes: {
    booked: 'Booked',
    canBook: 'Can be booked',
    cancelled: 'Cancelled',
    waiting: 'In line',
    wouldWait: 'Full, would wait',
    full: 'Full',
    overlap: 'In the way',
    'not-running': 'No shuttle',
    refused: 'Refused',
    ahead: 'Booked when it opens',
  },
  staysCancelled: 'It is not booked again.',
  fullMore: 'All seats of that day are taken. The runs before and after are on the shuttle page.',
  overlapMore: 'You have another ride at that time.',
  opens: (day, isProvisional) => `Opens ${day} at midnight${isProvisional ? ' (calendar not published yet)' : ''}`,
};
