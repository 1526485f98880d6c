import type { Instant } from '../calendar/time.ts';
import { searchSlots, type SlotSearch } from '../engine/find-slots.ts';
import { cutPage } from '../http/cursor.ts';
import { presentSlot } from './present.ts';
import type { SlotAnswer } from './schemas.ts';
import type { Context } from './service.ts';

/** One page of a list of slots, as the API answers. */
export type SlotList = { items: SlotAnswer[]; nextCursor: string | null };

/** A page, and the time in which it stays true while nobody changes anything: from when a slot last opened or closed until the next does. */
export type ListedSlots = { list: SlotList; since: Instant; until: Instant };

/** Reads a page of slots as the API shows them now; `search.limit` is the most that it holds. */
export async function listSlots(context: Context, search: SlotSearch): Promise<ListedSlots> {
  const found = await searchSlots(context.db, { ...search, limit: search.limit + 1 });
  const { page, nextCursor } = cutPage(found, search.limit, ({ serviceDate, startsAt, id }) => [
    serviceDate,
    startsAt,
    id,
  ]);
  const turns = page.flatMap(({ opensAt, closesAt }) => [opensAt, closesAt]);
  return {
    list: { items: page.map((slot) => presentSlot(context, slot)), nextCursor },
    since: turns.filter((turn) => turn <= context.now).reduce((a, b) => Math.max(a, b), -Infinity),
    until: turns.filter((turn) => turn > context.now).reduce((a, b) => Math.min(a, b), Infinity),
  };
}
