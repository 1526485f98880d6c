import type { Db } from '../../db/db.ts';
import type { IsoDate } from '../calendar/time.ts';
import { slotsById, slotsOfResources } from './find-slots.ts';
import type { Slot } from './types.ts';

/** Where slots are read for what does not change with every booking: their times, price, opening and closing. */
export type SlotSource = {
  /** Slots by id, in id order; unknown ids are missing. */
  byId(siteId: number, ids: readonly number[]): Promise<Slot[]>;
  /** The slots of some resources on some dates, in order of date and start. */
  ofResources(siteId: number, resourceIds: readonly string[], dates: readonly IsoDate[]): Promise<Slot[]>;
};

/** Reads each time. */
export const freshSlots = (db: Db): SlotSource => ({
  byId: (siteId, ids) => slotsById(db, siteId, ids),
  ofResources: (siteId, resourceIds, dates) => slotsOfResources(db, siteId, resourceIds, dates),
});

const keepMilliseconds = 5_000;
const maxKept = 5_000;

/**
 * Remembers slots for some seconds, so that a thousand wishes for one slot read it once. What is kept may be old: `taken` is, and an
 * administrator may have edited the rest. So it serves to draft bookings only: a line carries the terms that it was drafted from, and
 * admission, which reads under lock, turns a draft of other terms back (`stale-draft`).
 */
export function keptSlots(db: Db): SlotSource {
  const byId = new Kept<number, Slot>();
  const byResource = new Kept<string, Slot[]>();
  const source = freshSlots(db);
  return {
    async byId(siteId, ids) {
      const key = (id: number) => siteId * 2 ** 40 + id;
      const missing = ids.filter((id) => !byId.get(key(id)));
      for (const slot of missing.length > 0 ? await source.byId(siteId, missing) : []) byId.set(key(slot.id), slot);
      return ids.flatMap((id) => byId.get(key(id)) ?? []).toSorted((a, b) => a.id - b.id);
    },
    async ofResources(siteId, resourceIds, dates) {
      const key = (resourceId: string, date: IsoDate) => `${siteId} ${date} ${resourceId}`;
      const pairs = dates.flatMap((date) => resourceIds.map((resourceId) => ({ resourceId, date })));
      const missing = pairs.filter(({ resourceId, date }) => !byResource.get(key(resourceId, date)));
      if (missing.length > 0) {
        const read = await source.ofResources(
          siteId,
          [...new Set(missing.map(({ resourceId }) => resourceId))],
          [...new Set(missing.map(({ date }) => date))],
        );
        // What is not there may be published in a moment, and is not remembered.
        const lists = Map.groupBy(read, ({ resourceId, serviceDate }) => key(resourceId, serviceDate));
        for (const [name, slots] of lists) byResource.set(name, slots);
      }
      return pairs.flatMap(({ resourceId, date }) => byResource.get(key(resourceId, date)) ?? []);
    },
  };
}

/** A map whose values are forgotten after some seconds, and the oldest when there are too many. */
class Kept<Key, Value> {
  readonly #values = new Map<Key, { value: Value; until: number }>();

  get(key: Key): Value | undefined {
    const kept = this.#values.get(key);
    return kept && performance.now() < kept.until ? kept.value : undefined;
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, { value, until: performance.now() + keepMilliseconds });
    if (this.#values.size > maxKept) for (const oldest of this.#values.keys()) return void this.#values.delete(oldest);
  }
}
