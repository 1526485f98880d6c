import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { slotColumns } from './slot-rows.ts';
import type { Slot } from './types.ts';

/** Slots by id, in id order; unknown ids are simply missing. Index: the primary key. */
export function slotsById(db: Db, siteId: number, ids: readonly number[]): Promise<Slot[]> {
  return db.query<Slot>(`SELECT ${slotColumns} FROM slot WHERE site_id = $1 AND id = ANY($2::bigint[]) ORDER BY id`, [
    siteId,
    ids,
  ]);
}

/** The slots of some resources on some dates. Index: slot_once_per_part. */
export function slotsOfResources(db: Db, siteId: number, resourceIds: readonly string[], dates: readonly IsoDate[]) {
  return db.query<Slot>(
    `SELECT ${slotColumns} FROM slot
     WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND service_date = ANY($3::date[])
     ORDER BY service_date, starts_at, id`,
    [siteId, resourceIds, dates],
  );
}

/** One page of a list of slots by date. */
export type SlotSearch = {
  siteId: number;
  kinds: readonly string[];
  resourceId: string | null;
  from: IsoDate;
  to: IsoDate;
  /** Where the page starts: after this slot in the order of the list. */
  after: { serviceDate: IsoDate; startsAt: Instant; id: number } | null;
  limit: number;
};

/** Slots by service date, then start. Index: slot_by_kind_and_date, or slot_once_per_part when a resource is named. */
export function searchSlots(db: Db, search: SlotSearch): Promise<Slot[]> {
  const { siteId, kinds, resourceId, from, to, after, limit } = search;
  return db.query<Slot>(
    `SELECT ${slotColumns} FROM slot
     WHERE site_id = $1 AND kind = ANY($2::text[]) AND service_date BETWEEN $3 AND $4
       AND ($5::text IS NULL OR resource_id = $5)
       AND ($6::date IS NULL OR (service_date, starts_at, id) > ($6, $7::timestamptz, $8::bigint))
     ORDER BY service_date, starts_at, id LIMIT $9`,
    [
      siteId,
      kinds,
      from,
      to,
      resourceId,
      after?.serviceDate ?? null,
      after ? new Date(after.startsAt).toISOString() : null,
      after?.id ?? null,
      limit,
    ],
  );
}

/** What a slot looks like to somebody who wants to book it now. */
export function slotStateAt(slot: Slot, now: Instant): 'upcoming' | 'open' | 'full' | 'closed' {
  if (slot.state === 'closed' || now >= slot.closesAt) return 'closed';
  if (now < slot.opensAt) return 'upcoming';
  return slot.taken >= slot.capacity ? 'full' : 'open';
}
