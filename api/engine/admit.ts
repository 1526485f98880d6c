import { newId } from '../new-id.ts';
import { databaseRefusal, inLine, isLockTimeout, withLockTimeout, type Db, type OpenDb } from '../../db/db.ts';
import { commitBatch, newBatchMemory, type BatchMemory } from './commit-batch.ts';
import type { Candidate } from './decide.ts';
import { unitsOf } from './drafts.ts';
import { Busy, type Admission, type AdmissionRequest } from './types.ts';

type Waiter = {
  candidate: Candidate;
  /** By `performance.now()`. */
  since: number;
  resolve: (answer: Admission) => void;
  reject: (reason: unknown) => void;
};
type Lane = {
  key: string;
  siteId: number;
  waiting: Waiter[];
  /** Whether it stands among the lanes that are ready. */
  isReady: boolean;
  /** Batches under way; the database has been told all of each but the newest. */
  committing: number;
  /** The requests in them. */
  underWay: number;
  /** Whether the newest batch is still being told. */
  isTelling: boolean;
  /**
   * It goes alone, a batch at a time, until it gets through: `suspected` after a shared batch that somebody outside held up, which may have
   * been for another lane's slots; `held-up` when it was for its own.
   */
  passage: 'free' | 'suspected' | 'held-up';
};

/** How much a process takes on before it says that it is busy, and how long it waits. */
export type AdmissionLimits = {
  maxBatch: number;
  maxWaiting: number;
  /** Who has waited longer is refused instead of being booked after their caller has given up. */
  maxWaitMilliseconds: number;
  /** How long a lane that is held up waits for its slots. */
  lockMilliseconds: number;
};

/** Limits under which a request is answered within its deadline, with some of it left for the commit. */
export function admissionLimits(deadlineMilliseconds: number): AdmissionLimits {
  return {
    maxBatch: 256,
    maxWaiting: 5_000,
    maxWaitMilliseconds: deadlineMilliseconds * 0.4,
    // PostgreSQL counts it anew for the row's queue and for its holder: together it may be twice as long.
    lockMilliseconds: deadlineMilliseconds * 0.2,
  };
}

/** How long a batch may wait for slots that others hold; one that waits longer would keep a connection from everybody else. */
const hastyLockMilliseconds = 500;
/** The same for a batch that lanes share: one of them must not keep the others waiting. */
const sharedLockMilliseconds = 200;

/** One commits while the next one stands behind it in the database, which so has always something to do. */
const maxBatchesPerLane = 2;

/**
 * A batch takes no more than its share of those who are in its lane: one share is being committed, the other is gathering or stands behind
 * it. Without it batches of 1 and of 127 take turns, and the database waits for the service half of the time. Few are not divided: what a
 * batch costs by itself is as much as a dozen of its bookings.
 */
const sharesPerLane = 2;
const leastShare = 32;

/**
 * Requests for the same slots queue in one lane; while a lane's batch commits, the next one gathers. There is no timer: an idle lane
 * commits a single request at once. At most as many batches commit at a time as the database has connections to spare; when more lanes
 * are ready than that, they share batches, since a commit costs much the same for one request as for a hundred. A lane whose slots are
 * locked by somebody outside waits apart, on few connections, so that no other lane waits with it for long.
 */
export function createAdmission(db: OpenDb, limits: AdmissionLimits) {
  const lanes = new Map<string, Lane>();
  const ready: Lane[] = [];
  const heldUp: Lane[] = [];
  const maxCommitting = Math.max(1, Math.floor(db.connections * 0.7));
  const maxHeldUp = Math.max(1, Math.floor(maxCommitting / 2));
  const shared = withLockTimeout(db, sharedLockMilliseconds);
  const hasty = withLockTimeout(db, hastyLockMilliseconds);
  const patient = withLockTimeout(db, limits.lockMilliseconds);
  const memory = newBatchMemory();
  let committing = 0;
  let committingHeldUp = 0;
  let waiting = 0;

  function startReadyLanes(): void {
    while (committing < maxCommitting && committingHeldUp < maxHeldUp && heldUp.length > 0) {
      void commitHeldUp(heldUp.shift()!);
    }
    while (committing < maxCommitting && ready.length > 0) {
      void commitTogether(nextLanes(Math.ceil(ready.length / (maxCommitting - committing))));
    }
  }

  /** So many of the lanes that have waited longest, all of one site; one that goes alone is chosen alone. */
  function nextLanes(count: number): Lane[] {
    const chosen: Lane[] = [];
    let requests = 0;
    while (chosen.length < count && requests < limits.maxBatch) {
      const lane = ready[0];
      if (!lane) break;
      // Whoever shared a batch with it would wait for those who hold its slots, or for its own batch before.
      const goesAlone = lane.passage !== 'free' || lane.committing > 0;
      if (chosen[0] && (goesAlone || chosen[0].siteId !== lane.siteId)) break;
      ready.shift();
      requests += lane.waiting.length;
      chosen.push(lane);
      if (goesAlone) break;
    }
    return chosen;
  }

  async function commitTogether(chosen: readonly Lane[]): Promise<void> {
    committing++;
    let room = limits.maxBatch;
    const parts = chosen.map((lane) => {
      const waiters = begin(lane, Math.min(room, shareOf(lane)));
      room -= waiters.length;
      return { lane, waiters };
    });
    let isTold = false;
    const onWritten = () => {
      if (isTold) return;
      isTold = true;
      for (const lane of chosen) lane.isTelling = false;
      letNextBatchesCome(chosen);
    };
    const [own, ...others] = chosen;
    const isShared = own === undefined || others.length > 0;
    const locked = await commitAndAnswer(
      isShared ? shared : inLine(hasty, own.key),
      parts.flatMap(({ waiters }) => waiters),
      memory,
      onWritten,
    );
    for (const { lane, waiters } of parts) {
      const left = waiters.filter((waiter) => locked.includes(waiter));
      lane.waiting.unshift(...left);
      if (left.length === 0) lane.passage = 'free';
      else if (!isShared) lane.passage = 'held-up';
      else if (lane.passage === 'free') lane.passage = 'suspected';
      waiting -= waiters.length - left.length;
      lane.committing--;
      lane.underWay -= waiters.length;
      // A batch that failed has perhaps not come so far.
      if (!isTold) lane.isTelling = false;
    }
    committing--;
    letNextBatchesCome(chosen);
  }

  async function commitHeldUp(lane: Lane): Promise<void> {
    committing++;
    committingHeldUp++;
    const waiters = begin(lane, limits.maxBatch);
    const locked = await commitAndAnswer(patient, waiters, memory);
    for (const { reject } of locked) reject(new Busy('somebody holds the slots'));
    lane.passage = locked.length > 0 ? 'held-up' : 'free';
    waiting -= waiters.length;
    lane.committing--;
    lane.underWay -= waiters.length;
    lane.isTelling = false;
    committing--;
    committingHeldUp--;
    letNextBatchesCome([lane]);
  }

  /** Takes the first of a lane, without those who have waited too long. */
  function begin(lane: Lane, count: number): Waiter[] {
    lane.isReady = false;
    lane.isTelling = true;
    lane.committing++;
    const tooOld = performance.now() - limits.maxWaitMilliseconds;
    const fresh = lane.waiting.findIndex(({ since }) => since >= tooOld);
    const given = lane.waiting.splice(0, fresh === -1 ? lane.waiting.length : fresh);
    for (const { reject } of given) reject(new Busy('this booking has waited too long'));
    waiting -= given.length;
    const taken = lane.waiting.splice(0, count);
    lane.underWay += taken.length;
    return taken;
  }

  function letNextBatchesCome(chosen: readonly Lane[]): void {
    for (const lane of chosen) {
      if (lane.waiting.length > 0) makeReady(lane);
      else if (lane.committing === 0 && lane.passage === 'free') lanes.delete(lane.key);
    }
    startReadyLanes();
  }

  function makeReady(lane: Lane): void {
    const most = lane.passage === 'free' ? maxBatchesPerLane : 1;
    if (lane.isReady || lane.isTelling || lane.committing >= most) return;
    // One that comes too early only stands behind the other, where nobody can join it.
    if (lane.committing > 0 && lane.waiting.length < shareOf(lane)) return;
    lane.isReady = true;
    (lane.passage === 'held-up' ? heldUp : ready).push(lane);
  }

  return {
    /**
     * Books all of a request, or nothing. Answers after the commit.
     * @throws Busy when too many requests wait already, or this one has waited too long; nothing was done.
     */
    admit(request: AdmissionRequest): Promise<Admission> {
      if (waiting >= limits.maxWaiting) return Promise.reject(new Busy('too many bookings are waiting'));
      const candidate: Candidate = { ...request, bookingIds: request.drafts.map(() => newId()) };
      const key = laneOf(candidate);
      return new Promise((resolve, reject) => {
        waiting++;
        let lane = lanes.get(key);
        if (!lane) lanes.set(key, (lane = newLane(key, candidate.siteId)));
        lane.waiting.push({ candidate, since: performance.now(), resolve, reject });
        makeReady(lane);
        startReadyLanes();
      });
    },
  };
}

function shareOf({ underWay, waiting }: Lane): number {
  return Math.max(leastShare, Math.ceil((underWay + waiting.length) / sharesPerLane));
}

function newLane(key: string, siteId: number): Lane {
  return { key, siteId, waiting: [], isReady: false, committing: 0, underWay: 0, isTelling: false, passage: 'free' };
}

/**
 * Never throws: a waiter that does not hear of a failure would hang for ever.
 * @returns those who were not answered because others hold their slots; nothing was done for them.
 */
async function commitAndAnswer(
  db: Db,
  batch: readonly Waiter[],
  memory: BatchMemory,
  onWritten?: () => void,
): Promise<Waiter[]> {
  if (batch.length === 0) return [];
  try {
    const answers = await commitBatch(
      db,
      batch.map(({ candidate }) => candidate),
      memory,
      onWritten,
    );
    for (const [index, waiter] of batch.entries()) {
      const answer = answers[index];
      if (answer) waiter.resolve(answer);
      else waiter.reject(new Error('the batch was committed without an answer for this request'));
    }
    return [];
  } catch (error) {
    if (isLockTimeout(error)) return [...batch];
    // If the database refused what one request says, nothing was committed, and the others must not suffer for it. After any other
    // failure the batch may have been committed, and trying again could book twice.
    if (batch.length === 1 || !refusesContent(error)) {
      for (const waiter of batch) waiter.reject(error);
      return [];
    }
    const locked: Waiter[] = [];
    for (const waiter of batch) locked.push(...(await commitAndAnswer(db, [waiter], memory)));
    return locked;
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
