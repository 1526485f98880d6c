/** Columns of rows that a statement takes as one array each: type in PostgreSQL, and the value in a row of that index. */
export type Columns<Row> = Record<string, readonly [type: string, of: (row: Row, index: number) => unknown]>;

/** Rows as a statement takes them. */
export type ArrayTable<Row> = {
  /** For `FROM`: all columns, as a relation of this name. */
  from: string;
  /** Its columns. */
  names: readonly string[];
  /** What to send for its parameters. */
  arrays: (rows: readonly Row[]) => unknown[][];
  /** The number of the first parameter behind it. */
  next: number;
};

/** Numbers the parameters of such rows, from `first` on, so that nobody has to count them. */
export function arrayTable<Row>(name: string, first: number, columns: Columns<Row>): ArrayTable<Row> {
  const all = Object.entries(columns);
  const parameters = all.map(([, [type]], index) => `$${first + index}::${type}[]`);
  const names = all.map(([column]) => column);
  return {
    from: `unnest(${parameters.join(', ')}) AS ${name}(${names.join(', ')})`,
    names,
    arrays: (rows) => all.map(([, [, of]]) => rows.map(of)),
    next: first + all.length,
  };
}
