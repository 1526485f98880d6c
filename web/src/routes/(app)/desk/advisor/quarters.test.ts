import { expect, test } from 'vitest';
import type { ShuttleAdvice } from '$lib/api.ts';
import { quartersOf } from './quarters.ts';

const advice = {
  demand: [
    { direction: 'inbound', from: '08:00', riders: 4 },
    { direction: 'inbound', from: '10:00', riders: 2 },
    { direction: 'outbound', from: '18:00', riders: 9 },
  ],
  present: { runs: [{ departs: '08:10', direction: 'inbound' }] },
  proposed: { runs: [{ departs: '08:35', direction: 'inbound' }] },
} as unknown as ShuttleAdvice;

test('the quarters of a direction go from the first to the last with anything in it; a long nothing is one column', () => {
  const shown = quartersOf(advice, 'inbound').map(({ from, riders, present, proposed }) =>
    [from ?? '…', riders, ...present, ...proposed].join(' '),
  );
  expect(shown).toEqual(['08:00 4 08:10', '08:15 0', '08:30 0 08:35', '08:45 0', '… 0', '09:45 0', '10:00 2']);
});

test('without demand nothing is drawn', () => {
  expect(quartersOf({ ...advice, demand: [] }, 'inbound')).toEqual([]);
});
