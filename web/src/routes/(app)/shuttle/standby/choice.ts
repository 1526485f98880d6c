import type { Localized } from '$lib/api.ts';

/** What one chooses from on a run's day: its stops in order, with the departure there. */
type RunOfDay = { runId: string; title: Localized; stops: { stopId: string; name: Localized; at: string }[] };

/** A run to stand by for, with the stops between which one may still ride. */
export type StandbyChoice = {
  run: RunOfDay;
  from: string;
  to: string;
  boarding: RunOfDay['stops'];
  alighting: RunOfDay['stops'];
};

/** What the address chooses; unknown stops fall back to the first that the bus has not left, and the last. */
export function runOfDay(runs: readonly RunOfDay[], query: URLSearchParams, now: number): StandbyChoice | null {
  const run = runs.find(({ runId }) => runId === query.get('run'));
  if (!run) return null;
  const boarding = run.stops.slice(0, -1).filter(({ at }) => Date.parse(at) > now);
  const from = boarding.find(({ stopId }) => stopId === query.get('from')) ?? boarding[0];
  if (!from) return null;
  const alighting = run.stops.slice(run.stops.findIndex(({ stopId }) => stopId === boarding[0]?.stopId) + 1);
  const after = run.stops.slice(run.stops.indexOf(from) + 1);
  const to = after.find(({ stopId }) => stopId === query.get('to')) ?? after.at(-1);
  return to ? { run, from: from.stopId, to: to.stopId, boarding, alighting } : null;
}
