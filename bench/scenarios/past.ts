import { median, perSecond } from '../figures.ts';
import { fillPast } from '../fill-past.ts';
import { bookings } from './booking.ts';
import { warmUps, type Bench, type Scenario } from './bench.ts';

/** Bookings of one slot before and after years of bookings: what is past must not slow down what is now. */
export const pastBookings: Scenario = async (bench) => {
  // A service that is still compiling would make the empty rounds the slow ones.
  for (let times = 0; times < warmUps; times++) await bookings(bench);
  const empty = await rate(bench);
  console.log(`    … filling in ${bench.pastBookings.toLocaleString('en')} past bookings`);
  await fillPast(bench.stage.db, bench.pastBookings);
  await bookings(bench); // Whatever was read in a moment ago makes room.
  const full = await rate(bench);
  return [
    { name: 'bookings of one slot, no past', value: empty, unit: '/s' },
    { name: `the same with ${bench.pastBookings.toLocaleString('en')} past bookings`, value: full, unit: '/s' },
    { name: 'with the past ÷ without', value: full / empty, unit: 'ratio', bar: { atLeast: 0.9 } },
  ];
};

async function rate(bench: Bench): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < bench.rounds; round++) rates.push(perSecond(await bookings(bench)));
  return median(rates);
}
