import { isLockTimeout, withLockTimeout, type Db, type OpenDb } from '../../db/db.ts';
import type { AdmissionLimits } from './admit.ts';
import { Busy } from './types.ts';

type Limits = Pick<AdmissionLimits, 'maxWaiting' | 'maxWaitMilliseconds' | 'lockMilliseconds'>;

/**
 * The database for everything but admission: cancelling, answering offers, changing capacity. Their transactions get few of the connections
 * and wait for locks no longer than that, so that none of them keeps reads and bookings of other slots waiting.
 * Its transactions throw Busy when too many wait already, when one has waited too long, or when somebody holds what it needs; nothing
 * was done then.
 */
export function commandsOver(db: OpenDb, limits: Limits): Db {
  const places = Math.max(1, Math.floor(db.connections * 0.2));
  const patient = withLockTimeout(db, limits.lockMilliseconds);
  const waiting: { since: number; begin: () => void; refuse: (reason: Busy) => void }[] = [];
  let underWay = 0;

  function beginNext(): void {
    const tooOld = performance.now() - limits.maxWaitMilliseconds;
    while (underWay < places) {
      const next = waiting.shift();
      if (!next) return;
      if (next.since < tooOld) {
        next.refuse(new Busy('this change has waited too long'));
        continue;
      }
      underWay++;
      next.begin();
    }
  }

  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (waiting.length >= limits.maxWaiting) throw new Busy('too many changes are waiting');
    await new Promise<void>((begin, refuse) => {
      waiting.push({ since: performance.now(), begin, refuse });
      beginNext();
    });
    try {
      return await run();
    } catch (error) {
      if (isLockTimeout(error)) throw new Busy('somebody holds what this needs', { cause: error });
      throw error;
    } finally {
      underWay--;
      beginNext();
    }
  }

  return {
    get orm() {
      return db.orm;
    },
    query: (text, parameters) => db.query(text, parameters),
    transaction: (work) => inTurn(() => patient.transaction(work)),
    pipelined: (work, bounds) => inTurn(() => patient.pipelined(work, bounds)),
  };
}
