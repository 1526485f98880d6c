import { median } from '../figures.ts';
import { wallClock, type Heard, type ListenOrder } from '../load/listeners.ts';
import { bookingsOf } from '../riders.ts';
import { sendLoad, talkTo } from '../stage.ts';
import type { Bench, Scenario } from './bench.ts';

/** One booking, thousands of listeners: how long until they have heard of it, from the moment when the booking is sent. */
export const fanOut: Scenario = async (bench) => {
  const order: ListenOrder = { url: bench.service.url, path: '/api/v1/events?kind=shuttle', count: bench.listeners };
  const listeners = talkTo<ListenOrder, Heard>('load/listeners.ts');
  try {
    listeners.tell(order);
    await listeners.answer();
    const heard: { p50: number; last: number }[] = [];
    for (let round = 0; round < bench.rounds; round++) heard.push(await oneBooking(bench, () => listeners.answer()));
    const count = bench.listeners.toLocaleString('en');
    return [
      {
        name: `a booking until half of ${count} listeners know`,
        value: median(heard.map(({ p50 }) => p50)),
        unit: 'ms',
      },
      { name: `until the last of ${count} knows`, value: median(heard.map(({ last }) => last)), unit: 'ms' },
    ];
  } finally {
    listeners.end();
  }
};

async function oneBooking({ service, riders, nextSlot }: Bench, answer: () => Promise<Heard>) {
  const heard = answer();
  const sentAt = wallClock();
  await sendLoad({
    url: service.url,
    requests: bookingsOf(riders.slice(0, 1), nextSlot()),
    connections: 1,
    maxSeconds: 10,
  });
  const told = await heard;
  if (told.ready) throw new Error('the listeners were ready twice');
  return { p50: told.p50 - sentAt, last: told.last - sentAt };
}
