import { newId } from '../new-id.ts';
import type { Db, Queries } from '../../db/db.ts';
import type { account } from '../../db/schema/index.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';

/** What is left on a person's meal card in fen: the subsidy buckets that have not lapsed. Null for somebody without a card. */
export async function mealCardOf(
  db: Db,
  siteId: number,
  personId: string,
  now: Instant,
): Promise<{ balanceFen: number } | null> {
  const [card] = await db.query<{ balanceFen: number | null }>(
    `SELECT sum(balance_fen) FILTER (WHERE expires_at IS NULL OR expires_at > $3)::int8 AS "balanceFen", count(*) AS buckets
     FROM account WHERE site_id = $1 AND kind = 'meal-subsidy' AND owner = $2 HAVING count(*) > 0`,
    [siteId, personId, toTimestamp(now)],
  );
  return card ? { balanceFen: card.balanceFen ?? 0 } : null;
}

/** One side of a transfer; positive fen come in. */
export type Entry = { accountId: string; amountFen: number };

/**
 * Moves money between accounts in the caller's transaction. The database refuses entries that do not sum to zero
 * (`transfer_sums_to_zero`) and an account below its floor (`account_not_below_floor`).
 */
export async function postTransfer(
  tx: Db,
  transfer: { siteId: number; at: Instant; reason: string; bookingId: string | null; entries: readonly Entry[] },
): Promise<string> {
  const id = newId();
  const entries = transfer.entries.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
  const accountIds = entries.map(({ accountId }) => accountId);
  const amounts = entries.map(({ amountFen }) => amountFen);
  // Accounts in id order, so that two transfers wait for each other in one direction only.
  await tx.query('SELECT id FROM account WHERE site_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE', [
    transfer.siteId,
    accountIds,
  ]);
  await tx.query('INSERT INTO transfer (site_id, id, at, reason, booking_id) VALUES ($1, $2, $3, $4, $5)', [
    transfer.siteId,
    id,
    toTimestamp(transfer.at),
    transfer.reason,
    transfer.bookingId,
  ]);
  await tx.query(
    `WITH entry AS (
       INSERT INTO transfer_entry (site_id, transfer_id, account_id, amount_fen)
       SELECT $1, $2, u.account_id, u.amount_fen FROM unnest($3::uuid[], $4::bigint[]) AS u(account_id, amount_fen)
       RETURNING account_id, amount_fen)
     UPDATE account SET balance_fen = balance_fen + entry.amount_fen
     FROM entry WHERE account.site_id = $1 AND account.id = entry.account_id`,
    [transfer.siteId, id, accountIds, amounts],
  );
  return id;
}

/** Which account, and how far below zero it may go in fen (null: without end). */
export type AccountOf = { kind: AccountKind; owner: string; floorFen: number | null };
type AccountKind = (typeof account.$inferSelect)['kind'];

/** The account of an owner, opened if there is none yet, locked in the caller's transaction. Index: account_once_per_owner. */
export async function lockAccount(
  tx: Queries,
  siteId: number,
  { kind, owner, floorFen }: AccountOf,
): Promise<{ id: string; balanceFen: number }> {
  await tx.query(
    `INSERT INTO account (site_id, id, kind, owner, floor_fen) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT ON CONSTRAINT account_once_per_owner DO NOTHING`,
    [siteId, newId(), kind, owner, floorFen],
  );
  const [found] = await tx.query<{ id: string; balanceFen: number }>(
    `SELECT id, balance_fen AS "balanceFen" FROM account
     WHERE site_id = $1 AND kind = $2 AND owner = $3 AND expires_at IS NULL FOR UPDATE`,
    [siteId, kind, owner],
  );
  if (!found) throw new Error(`the ${kind} account of ${owner} is not there`);
  return found;
}

/** What some owners have in accounts of a kind; those without one are missing. Index: account_once_per_owner. */
export async function balancesOf(
  db: Queries,
  siteId: number,
  kind: AccountKind,
  owners: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.query<{ owner: string; balanceFen: number }>(
    `SELECT owner, balance_fen AS "balanceFen" FROM account
     WHERE site_id = $1 AND kind = $2 AND owner = ANY($3::text[]) AND expires_at IS NULL`,
    [siteId, kind, owners],
  );
  return new Map(rows.map(({ owner, balanceFen }) => [owner, balanceFen]));
}

/** What transfers about a booking, for some reasons, brought to an account in sum; fen. Index: transfer_by_booking. */
export async function movedFor(
  tx: Queries,
  siteId: number,
  { bookingId, accountId, reasons }: { bookingId: string; accountId: string; reasons: readonly string[] },
): Promise<number> {
  const [row] = await tx.query<{ amountFen: number }>(
    `SELECT coalesce(sum(e.amount_fen), 0)::int8 AS "amountFen" FROM transfer t
     JOIN transfer_entry e ON e.site_id = t.site_id AND e.transfer_id = t.id
     WHERE t.site_id = $1 AND t.booking_id = $2 AND t.reason = ANY($3::text[]) AND e.account_id = $4`,
    [siteId, bookingId, reasons, accountId],
  );
  return row?.amountFen ?? 0;
}
