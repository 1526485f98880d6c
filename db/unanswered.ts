/** What a pool has asked its database and not heard of yet. */
export type Unanswered = ReturnType<typeof createUnanswered>;

type Entry = { since: number; isSent: () => boolean; reject: (reason: unknown) => void };

/** Queries of postgres.js can be rejected from outside; `state` is null until one is sent. */
type Query = Promise<unknown> & { state: object | null; reject: (reason: unknown) => void };

/**
 * postgres.js 3.4 does not settle everything that was queued for a connection that it lost. So what is unanswered is noted, and told by us
 * that the connection is gone: whoever waits has to hear of it.
 */
export function createUnanswered() {
  const entries = new Set<Entry>();

  function noted(reject: Entry['reject'], isSent: () => boolean): () => void {
    const entry = { since: performance.now(), isSent, reject };
    entries.add(entry);
    return () => entries.delete(entry);
  }

  return {
    /** Notes work until it is done; `isSent` tells whether the database knows of it by now. */
    during<T>(work: Promise<T>, isSent: () => boolean): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const forget = noted(reject, isSent);
        work.then(resolve, reject).finally(forget);
      });
    },
    /** Notes a query of postgres.js and returns it as it is: its own `then` would send it already. */
    query<Q extends object>(query: Q): Q {
      const promise = query as unknown as Query;
      const forget = noted(promise.reject, () => promise.state !== null);
      void Promise.prototype.then.call(promise, forget, forget);
      return query;
    },
    /** Whether any of it has waited longer; a set keeps the order of arrival, so that the first is the oldest. */
    isOlderThan(milliseconds: number): boolean {
      const oldest = entries.values().next().value;
      return oldest !== undefined && performance.now() - oldest.since > milliseconds;
    },
    /** Tells whoever still waits that the connection is gone; or only those of whom the database knows nothing. */
    abandon(which: 'all' | 'unsent'): void {
      for (const entry of entries) {
        if (which === 'unsent' && entry.isSent()) continue;
        entries.delete(entry);
        entry.reject(connectionGivenUp());
      }
    },
  };
}

/** The error of what was asked over a connection that is taken for lost. */
export const connectionGivenUp = (): Error =>
  Object.assign(new Error('the connection was given up'), { code: 'CONNECTION_DESTROYED' });
