import type { SlotAnswer } from '../../api/services/schemas.ts';
import type { Call } from './call.ts';

/** Every slot of a resource on a date, in order of start. */
export async function slotsOn(caller: Call, resourceId: string, date: string, to = date): Promise<SlotAnswer[]> {
  const listed = await caller.get<{ items: SlotAnswer[] }>(
    `/slots?resourceId=${resourceId}&from=${date}&to=${to}&limit=1000`,
  );
  return listed.body.items;
}

/** The first of them. */
export async function slotOn(caller: Call, resourceId: string, date: string): Promise<SlotAnswer> {
  const [slot] = await slotsOn(caller, resourceId, date);
  if (!slot) throw new Error(`${resourceId} has no slot on ${date}`);
  return slot;
}

/** What is left of each slot of a resource on a date. */
export async function remainingOn(caller: Call, resourceId: string, date: string): Promise<number[]> {
  return (await slotsOn(caller, resourceId, date)).map(({ remaining }) => remaining);
}

/** A ride on run 2, from the metro to Guangqi Park on Tuesday 24 November 2026 unless said otherwise. */
export function aRide(change: Readonly<Record<string, unknown>> = {}) {
  return {
    kind: 'shuttle',
    runId: 'run-2',
    serviceDate: '2026-11-24',
    boardStopId: 'metro-l9',
    alightStopId: 'guangqi',
    seats: 1,
    ...change,
  };
}
