import { v7 as uuidv7 } from 'uuid';
import { databaseRefusal, type OpenDb } from '../../db/db.ts';
import { commitBatch } from './commit-batch.ts';
import type { Candidate } from './decide.ts';
import { unitsOf } from './drafts.ts';
import { Busy, type Admission, type AdmissionRequest } from './types.ts';

type Waiter = { candidate: Candidate; resolve: (answer: Admission) => void; reject: (reason: unknown) => void };
type Lane = {
  siteId: number;
  waiting: Waiter[];
  /** Whether it stands among the lanes that are ready. */
  isReady: boolean;
  /** Batches under way; the database has been told all of each but the newest. */
  committing: number;
  /** Whether the newest batch is still being told. */
  isTelling: boolean;
};

/** How much a process takes on before it says that it is busy. */
export type AdmissionLimits = { maxBatch: number; maxWaiting: number };
const defaultLimits: AdmissionLimits = { maxBatch: 256, maxWaiting: 20_000 };

/** One commits while the next one waits for its locks in the database, which so has always something to do. */
const maxBatchesPerLane = 2;

/**
 * Requests for the same slots queue in one lane; while a lane's batch commits, the next one gathers. There is no timer: an idle lane
 * commits a single request at once. At most as many batches commit at a time as the database has connections to spare; when more lanes
 * are ready than that, they share batches, since a commit costs much the same for one request as for a hundred.
 */
export function createAdmission(db: OpenDb, limits: AdmissionLimits = defaultLimits) {
  const lanes = new Map<string, Lane>();
  const ready: string[] = [];
  const maxCommitting = Math.max(1, Math.floor(db.connections * 0.7));
  let committing = 0;
  let waiting = 0;

  function startReadyLanes(): void {
    while (committing < maxCommitting && ready.length > 0) {
      void commitTogether(nextLanes(Math.ceil(ready.length / (maxCommitting - committing))));
    }
  }

  /** So many of the lanes that have waited longest, all of one site. */
  function nextLanes(count: number): [string, Lane][] {
    const chosen: [string, Lane][] = [];
    let requests = 0;
    while (chosen.length < count && requests < limits.maxBatch) {
      const key = ready[0];
      const lane = key === undefined ? undefined : lanes.get(key);
      if (key === undefined || !lane) break;
      if (chosen[0] && chosen[0][1].siteId !== lane.siteId) break;
      ready.shift();
      requests += lane.waiting.length;
      chosen.push([key, lane]);
    }
    return chosen;
  }

  async function commitTogether(chosen: readonly [string, Lane][]): Promise<void> {
    const batch: Waiter[] = [];
    for (const [, lane] of chosen) {
      lane.isReady = false;
      lane.isTelling = true;
      lane.committing++;
      batch.push(...lane.waiting.splice(0, limits.maxBatch - batch.length));
    }
    committing++;
    let isTold = false;
    const onWritten = () => {
      if (isTold) return;
      isTold = true;
      for (const [, lane] of chosen) lane.isTelling = false;
      letNextBatchesCome(chosen);
    };
    await commitAndAnswer(db, batch, onWritten);
    committing--;
    waiting -= batch.length;
    for (const [, lane] of chosen) lane.committing--;
    // A batch that failed has perhaps not come so far; otherwise its lanes may have been full.
    if (isTold) letNextBatchesCome(chosen);
    else onWritten();
  }

  function letNextBatchesCome(chosen: readonly [string, Lane][]): void {
    for (const [key, lane] of chosen) {
      if (lane.waiting.length > 0) makeReady(key, lane);
      else if (lane.committing === 0) lanes.delete(key);
    }
    startReadyLanes();
  }

  function makeReady(key: string, lane: Lane): void {
    if (lane.isReady || lane.isTelling || lane.committing >= maxBatchesPerLane) return;
    lane.isReady = true;
    ready.push(key);
  }

  return {
    /**
     * Books all of a request, or nothing. Answers after the commit.
     * @throws Busy when too many requests wait already.
     */
    admit(request: AdmissionRequest): Promise<Admission> {
      if (waiting >= limits.maxWaiting) return Promise.reject(new Busy('too many bookings are waiting'));
      const candidate: Candidate = { ...request, bookingIds: request.drafts.map(() => uuidv7()) };
      const key = laneOf(candidate);
      return new Promise((resolve, reject) => {
        waiting++;
        let lane = lanes.get(key);
        if (!lane) lanes.set(key, (lane = newLane(candidate.siteId)));
        lane.waiting.push({ candidate, resolve, reject });
        makeReady(key, lane);
        startReadyLanes();
      });
    },
  };
}

function newLane(siteId: number): Lane {
  return { siteId, waiting: [], isReady: false, committing: 0, isTelling: false };
}

/** Never throws: a waiter that does not hear of a failure would hang for ever. */
async function commitAndAnswer(db: OpenDb, batch: readonly Waiter[], onWritten?: () => void): Promise<void> {
  try {
    const answers = await commitBatch(
      db,
      batch.map(({ candidate }) => candidate),
      onWritten,
    );
    for (const [index, waiter] of batch.entries()) {
      const answer = answers[index];
      if (answer) waiter.resolve(answer);
      else waiter.reject(new Error('the batch was committed without an answer for this request'));
    }
  } catch (error) {
    // If the database refused what one request says, nothing was committed, and the others must not suffer for it. After any other
    // failure the batch may have been committed, and trying again could book twice.
    if (batch.length > 1 && refusesContent(error)) for (const waiter of batch) await commitAndAnswer(db, [waiter]);
    else for (const waiter of batch) waiter.reject(error);
  }
}

/** SQLSTATE classes 22 and 23: a value, or a constraint. */
function refusesContent(error: unknown): boolean {
  return /^2[23]/.test(databaseRefusal(error)?.code ?? '');
}

/** One lane per first slot: the hot slot's requests meet in it, and a lane never mixes sites. */
function laneOf(candidate: Candidate): string {
  return `${candidate.siteId}:${Math.min(...unitsOf(candidate.drafts).keys())}`;
}
