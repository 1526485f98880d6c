/** The number of an invariant of the inventory. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6;

/** One look at a database: a statement that selects `siteId`, `row` and `found` of whatever breaks the rule. */
export type Check = { invariant: Invariant; rule: string; sql: string };

/** The six invariants of the inventory in a few words; `docs/architecture.md` says what holds each. */
export const invariantNames: Readonly<Record<Invariant, string>> = {
  1: 'no slot is oversold, and its counter equals its bookings',
  2: 'no claimant is in two places of one scope at a time',
  3: 'what was acknowledged is there, once per retry key',
  4: 'money neither appears nor vanishes, and no account is below its floor',
  5: 'the head of a queue has been offered what fits',
  6: 'replaying the events gives the present state',
};
