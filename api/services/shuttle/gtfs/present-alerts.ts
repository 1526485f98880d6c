import { toText } from '../../../calendar/time.ts';
import type { Context } from '../../service.ts';
import { factsOf, titleOf } from '../run-rules.ts';
import { runAround } from '../run-rules.ts';
import { stateOf, type KeptAlert } from './alert-rows.ts';
import type { AlertAnswer } from './alert-schemas.ts';
import { todayOf } from '../run-days.ts';

/** Alerts as the API shows them, with the names of what they are about. */
export function presentAlerts(context: Context, alerts: readonly KeptAlert[]): AlertAnswer[] {
  const { site, now, catalogue } = context;
  const today = todayOf(context);
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const stops = new Map(runs.flatMap((run) => factsOf(run).stops.map(({ stopId, name }) => [stopId, name] as const)));
  const titles = new Map(
    runs.map((run) => {
      const { times, direction } = runAround(run, today);
      return [run.id, titleOf(times.departs, direction)] as const;
    }),
  );
  const text = (instant: number) => toText(instant, site.timeZone);
  const named = (ids: readonly string[], names: ReadonlyMap<string, { zh: string; en: string }>) =>
    ids.map((id) => ({ id, name: names.get(id) ?? { zh: id, en: id } }));
  return alerts.map((alert) => ({
    ...{ id: alert.id, lineId: alert.lineId, cause: alert.cause, effect: alert.effect },
    ...{ title: alert.title, text: alert.text },
    startsAt: text(alert.startsAt),
    endsAt: alert.endsAt === null ? null : text(alert.endsAt),
    state: stateOf(alert, now),
    runs: named(alert.runIds, titles),
    stops: named(alert.stopIds, stops),
    publishedAt: text(alert.at),
    endedAt: alert.endedAt === null ? null : text(alert.endedAt),
    version: alert.version,
  }));
}
