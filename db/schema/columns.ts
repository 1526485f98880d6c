import { sql } from '../orm.ts';
import { customType, integer } from './pg-core.ts';

/** A `timestamptz` that the code sees as epoch milliseconds (`Instant`). */
export const instant = customType<{ data: number; driverData: string | number | Date }>({
  dataType: () => 'timestamptz',
  toDriver: (value) => new Date(value).toISOString(),
  fromDriver: (value) => (typeof value === 'number' ? value : new Date(value).getTime()),
});

/** A half-open `tstzrange`; the code writes it as `[from,to)` text and never reads it back. */
export const instantRange = customType<{ data: string }>({ dataType: () => 'tstzrange' });

/** The site that a row belongs to: the leading column of every key, and what the data shards by. */
export const siteId = () => integer('site_id').notNull();

/** The database's own clock; only for rows that no rule of the service reads. */
export const databaseNow = sql`now()`;

/** A transaction's own number, as `pg_current_xact_id` gives it; text, since it has 64 bits. */
export const transactionId = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });
