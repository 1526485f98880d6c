import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startKeepingTime } from './keep-time.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const clock = { now: () => Date.now() };

/** Work at some moments; `done` are the instants at which it was done. */
function keeping(moments: number[], work: () => Promise<void> = async () => {}) {
  const done: number[] = [];
  const logged: string[] = [];
  const kept = startKeepingTime(
    {
      next: async () => moments.find((moment) => moment > clock.now()) ?? null,
      work: async () => {
        done.push(clock.now());
        await work();
      },
    },
    clock,
    (_level, message) => void logged.push(message),
  );
  return { done, logged, ...kept };
}

test('what is due is done at its moment, one after the other, and not again', async () => {
  const { done, stop } = keeping([1_000, 1_500, 40_000]);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(done).toEqual([1_000, 1_500, 40_000]);
  await stop();
});

test('a moment that comes up meanwhile is heard of before long', async () => {
  const moments: number[] = [];
  const { done, stop } = keeping(moments);
  await vi.advanceTimersByTimeAsync(1_000);
  moments.push(20_000);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(done).toEqual([20_000]);
  await stop();
});

test('what fails is logged, and the next moment is kept', async () => {
  let isFirst = true;
  const { done, logged, stop } = keeping([1_000, 60_000], async () => {
    if (isFirst) throw new Error('the database is away');
  });
  await vi.advanceTimersByTimeAsync(2_000);
  isFirst = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(done).toEqual([1_000, 60_000]);
  expect(logged).toEqual(['what was due at its moment failed']);
  await stop();
});

test('stopping wakes whoever sleeps, and waits for what is under way', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { stop } = keeping([1_000], () => promise);
  await vi.advanceTimersByTimeAsync(1_000);
  let isStopped = false;
  const stopped = stop().then(() => (isStopped = true));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isStopped).toBe(false);
  resolve();
  await stopped;
  const asleep = keeping([]);
  await vi.advanceTimersByTimeAsync(1);
  await asleep.stop();
  expect(vi.getTimerCount()).toBe(0);
});
