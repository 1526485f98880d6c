/** What tables are written with; from here for the same reason as `db/orm.ts`. */
export * from 'drizzle-orm/pg-core';
