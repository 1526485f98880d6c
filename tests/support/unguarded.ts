import type { Db, OpenDb, PipelineBounds, Queries, Row, Unsettled } from '../../db/db.ts';

/** What a control test does to a statement on its way to the database; null answers it with no rows. */
type Meddle = (statement: string) => string | null;

/**
 * The database with its statements meddled with, inside transactions too. Only tests can do this: the service has no switch that
 * turns a guard off.
 */
function meddled<Kind extends Db>(db: Kind, meddle: Meddle): Kind {
  return {
    ...db,
    query: meddledQuery(db, meddle),
    transaction: <T>(work: (tx: Db) => Promise<T>) => db.transaction((tx) => work(meddled(tx, meddle))),
    pipelined: <T>(work: (tx: Queries) => Promise<Unsettled<T>>, bounds?: PipelineBounds) =>
      db.pipelined((tx) => work({ query: meddledQuery(tx, meddle) }), bounds),
  };
}

function meddledQuery(db: Queries, meddle: Meddle): Queries['query'] {
  return async <R extends object = Row>(statement: string, parameters?: readonly unknown[]): Promise<R[]> => {
    const text = meddle(statement);
    return text === null ? [] : db.query<R>(text, parameters);
  };
}

/** Without row locks. */
export const withoutRowLocks = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => statement.replace(/\s+FOR UPDATE\b/g, ''));

/** Without passing over rows that another process holds. */
export const withoutSkippingLocked = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => statement.replace(/ FOR UPDATE SKIP LOCKED\b/g, ''));

/** Without waiting for others who write sights of the same lot. */
export const withoutHoldingLots = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => (/^SELECT pg_advisory_xact_lock\b/.test(statement) ? null : statement));

/** Without the look at claims that are held already. */
export const withoutClaimProbe = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => (/\bSELECT \* FROM claim\b/.test(statement) ? null : statement));

/** Without a look at who waits for what has come free. */
export const withoutPromotion = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => (readsQueue(statement) ? null : statement));

/** With those who wait passed once more than the rule allows when something comes free. */
export const withOnePassTooMany = (db: OpenDb): OpenDb =>
  meddled(db, (statement) =>
    readsQueue(statement) ? statement.replace('e.bypassed,', 'e.bypassed - 1 AS bypassed,') : statement,
  );

const readsQueue = (statement: string): boolean => /SELECT e\.id, .* e\.bypassed, e\.wish FROM/.test(statement);

/** Without a look at whether slots are as a batch expects them. */
export const withoutSight = (db: OpenDb): OpenDb =>
  meddled(db, (statement) => statement.replace('AS is_as_expected)', 'OR true AS is_as_expected)'));

/** The database as it is, with its statements written down. */
export const recorded = (db: OpenDb, statements: string[]): OpenDb =>
  meddled(db, (statement) => {
    statements.push(statement);
    return statement;
  });
