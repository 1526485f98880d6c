import type { CapacityChange } from '$lib/api.ts';
import type { Wording } from '$lib/i18n/wording.ts';

/** A change that was made, in a few sentences: which slots, before and after, who gave way, who was served. */
export function changeWords(change: CapacityChange, { t, dates }: Wording): string[] {
  const { slots, from, to, before, after, closed, reopened, displaced, withAlternative, promoted, undoes } = change;
  const words = t.desk.log;
  const days = from === to ? dates.shortDate(from) : `${dates.shortDate(from)} – ${dates.shortDate(to)}`;
  const isSame = before.least === after.least && before.most === after.most;
  return [
    ...(undoes === null ? [] : [words.isUndo]),
    ...(closed > 0 ? [words.closed(closed)] : []),
    ...(reopened > 0 ? [words.reopened(reopened)] : []),
    ...(isSame ? [] : [t.desk.planChange(slots, spread(before), spread(after))]),
    days,
    ...(displaced > 0 ? [words.displaced(displaced, withAlternative)] : []),
    ...(promoted > 0 ? [words.promoted(promoted)] : []),
  ];
}

const spread = ({ least, most }: { least: number; most: number }): string =>
  least === most ? String(least) : `${least}–${most}`;
