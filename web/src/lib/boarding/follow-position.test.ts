import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTeller } from './follow-position.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a phone tells the newest place only, as often as it was asked to, keeps none while offline, and ends when it is stopped', async () => {
  const told: string[] = [];
  const heard: boolean[] = [];
  let answer: number | null = 5;
  const teller = createTeller<string>(
    async (place) => {
      told.push(place);
      return answer;
    },
    (isHeard) => heard.push(isHeard),
  );
  const see = async (...places: string[]) => {
    for (const place of places) teller.see(place);
    await vi.advanceTimersByTimeAsync(0);
  };
  await see('a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(told).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual(['a', 'c']);

  answer = null;
  await vi.advanceTimersByTimeAsync(60_000);
  await see('d');
  answer = 5;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['a', 'c', 'd']);
  await see('f');
  expect(told).toEqual(['a', 'c', 'd', 'f']);
  expect(heard).toEqual([true, true, false, true]);

  await see('g');
  teller.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['a', 'c', 'd', 'f']);
});
