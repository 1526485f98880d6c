import { dayWithin } from './day-within.ts';
import type { Texts } from '../zh-CN.ts';

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const home: Texts['home'] = {
  greeting: {
    night: 'Good evening',
    morning: 'Good morning',
    forenoon: 'Good morning',
    noon: 'Hello',
    afternoon: 'Good afternoon',
    evening: 'Good evening',
  },
  withName: (greeting, name) => `${greeting}, ${name}`,
  next: 'Next booking',
  startsIn: (duration) => `in ${duration}`,
  running: 'now',
  nothingNext: 'Nothing booked yet',
  nothingNextBody: 'Here is what you can book today.',
  guest: 'Sign in to see your next booking here',
  guestDemo: 'Demo: choose a person and sign in with one click',
  more: 'All bookings',
  services: 'Available now',
  tides: 'The tide, in numbers',
  tonight: 'Tonight',
  nightsFrom: (time) => `from ${time}`,
  lots: (n) => plural(n, 'lot', 'lots'),
  lunch: (day) => `Lunch ${dayWithin(day)}`,
  portions: (n) => `${n} left`,
  run: (day, time) => `${day} ${time}`,
  nextRun: 'Next run',
  summer: 'Summer',
  enrolling: 'open now',
  enrolsFrom: (date) => `opens ${date}`,
  none: 'None',
  later: 'Check back later',
  meals: (n) => plural(n, 'meal', 'meals'),
  seats: (n) => plural(n, 'seat', 'seats'),
  places: (n) => plural(n, 'place', 'places'),
  spaces: (n) => plural(n, 'space', 'spaces'),
  captions: {
    parking: 'Spaces left, next seven nights',
    canteen: 'Meals left by pick-up time',
    shuttle: 'Seats left on each run',
    childcare: 'Places left in each class',
  },
  also: 'Several things at once',
};
