import type { Queries } from '../../db/db.ts';
import type { Slot } from './types.ts';

/** The columns of a slot under the names that `Slot` has; `timestamptz` arrives as epoch milliseconds. */
export const slotColumns = `id, resource_id AS "resourceId", kind, service_date AS "serviceDate", part,
  starts_at AS "startsAt", ends_at AS "endsAt", capacity, taken, opens_at AS "opensAt", closes_at AS "closesAt",
  cancel_until AS "cancelUntil", price_fen AS "priceFen", state, closed_reason AS "closedReason",
  is_provisional AS "isProvisional", facts, version`;

/**
 * Locks slots in id order, the one order that every path keeps, so that no two transactions wait for each other.
 * Index: the primary key. Only inside a transaction.
 */
export async function lockSlots(tx: Queries, siteId: number, ids: Iterable<number>): Promise<Map<number, Slot>> {
  const rows = await tx.query<Slot>(
    `SELECT ${slotColumns} FROM slot WHERE site_id = $1 AND id = ANY($2::bigint[]) ORDER BY id FOR UPDATE`,
    [siteId, [...ids]],
  );
  return new Map(rows.map((slot) => [slot.id, slot]));
}

/** Locks slots in the same order without reading them. */
export async function holdSlots(tx: Queries, siteId: number, ids: readonly number[]): Promise<void> {
  await tx.query('SELECT FROM slot WHERE site_id = $1 AND id = ANY($2::bigint[]) ORDER BY id FOR UPDATE', [
    siteId,
    ids,
  ]);
}
