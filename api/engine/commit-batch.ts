import {
  databaseRefusal,
  isOvertaken,
  pipelinedWithRetry,
  type Db,
  type Queries,
  type Unsettled,
} from '../../db/db.ts';
import { answersOf, decideBatch, keysOf, never, slotsOf, type DecidedBatch } from './decide-batch.ts';
import { bypassesOf, timesPassed, type Candidate, type Decision, type Situation } from './decide.ts';
import { unitsOf, withoutTerms } from './drafts.ts';
import { answersOfKeys, type KnownAnswer } from './earlier-answers.ts';
import { Foresight } from './foresight.ts';
import { claimsToRead } from './limits.ts';
import { barredOf, suspicionOf } from './no-show-bars.ts';
import { defaultQueueRules } from './promote.ts';
import { enqueue, noteBypassesOfQueues, PassedTooOften, type NewEntry } from './queue-rows.ts';
import { allotmentsAndQueuesOf, claimsInTheWay } from './read-situation.ts';
import { holdSlots, lockSlots } from './slot-rows.ts';
import type { Admission } from './types.ts';
import { writeBookings, writeForeseen } from './write-bookings.ts';

/** The constraint whose refusal means that another process was faster with a retry key: the batch is read and decided again. */
const keyConstraint = 'idempotency_key_site_id_key_pk';
const raceAttempts = 5;

/** What a process remembers from one batch to the next. */
export type BatchMemory = {
  /**
   * How many of the next batches look for known retry keys and claims in the way before they write. Nearly always there are none, and the
   * constraints would refuse the batch: then it is done again with its eyes open, and the next ones look first for a while.
   */
  cautiousBatches: number;
  foresight: Foresight;
};
const batchesOfCaution = 32;

/** Of a process that has not booked yet. */
export const newBatchMemory = (cautiousBatches = 0): BatchMemory => ({ cautiousBatches, foresight: new Foresight() });

/**
 * Admits a batch of one site in one transaction: lock, read, decide, write set-wise, commit. Answers come in the batch's order, after
 * the commit; `onWritten` is called before it, when the database has been told everything: the next batch for the same slots may come
 * and stand behind it. A refused request writes nothing.
 * @throws what the database throws when it cannot commit; then nothing of the batch was done.
 */
export async function commitBatch(
  db: Db,
  batch: readonly Candidate[],
  memory: BatchMemory,
  onWritten: () => void = () => {},
): Promise<Admission[]> {
  const { foresight } = memory;
  const slotIds = slotsOf(batch);
  const decided = memory.cautiousBatches > 0 ? null : foresee(batch, slotIds, foresight);
  const sent = decided && foresight.send(slotIds);
  try {
    const answers = decided && (await commitForeseen(db, decided, memory, onWritten));
    if (answers) return answers;
    // Whoever came before and was sent in vain as well comes first again.
    await foresight.earlier(slotIds, sent);
    return await commitUnderLocks(db, batch, memory, () => {
      onWritten();
      sent?.settle();
    });
  } finally {
    sent?.settle();
  }
}

async function commitUnderLocks(
  db: Db,
  batch: readonly Candidate[],
  memory: BatchMemory,
  onWritten: () => void,
): Promise<Admission[]> {
  for (let attempt = 1; ; attempt++) {
    const looks = attempt > 1 || memory.cautiousBatches > 0;
    if (memory.cautiousBatches > 0) memory.cautiousBatches--;
    const admit = async (tx: Queries) => {
      const admitted = await admitWithin(tx, batch, looks, memory);
      onWritten();
      return admitted;
    };
    try {
      // Who has not looked would only be refused again.
      return await (looks ? pipelinedWithRetry(db, admit) : db.pipelined(admit));
    } catch (error) {
      memory.foresight.forget(slotsOf(batch));
      if (isSurprise(error, looks)) memory.cautiousBatches = batchesOfCaution;
      else if (!(error instanceof PassedTooOften)) throw error;
      if (attempt >= raceAttempts) throw error;
    }
  }
}

/** Whether a constraint has said what a look would have shown, or somebody was faster. */
function isSurprise(error: unknown, looked: boolean): boolean {
  return databaseRefusal(error)?.constraint === keyConstraint || (!looked && isOvertaken(error));
}

/** Decides a batch on what its slots are expected to be; null when nothing is expected of them, or when somebody would not be admitted. */
function foresee(batch: readonly Candidate[], slotIds: readonly number[], foresight: Foresight): DecidedBatch | null {
  const slots = foresight.of(slotIds);
  if (!slots) return null;
  const decided = decideBatch(batch, new Map(), { ...nothingInTheWay, slots });
  if (decided.decisions.some(({ outcome }) => outcome !== 'admitted')) return null;
  foresight.expect(slots, decided.bookings);
  return decided;
}

/**
 * Commits a batch that was foreseen, in one message to the database: lock, make sure that all is as expected, write, commit.
 * @returns null, and nothing was done, when it was otherwise or a constraint was in the way.
 */
async function commitForeseen(
  db: Db,
  decided: DecidedBatch,
  memory: BatchMemory,
  onWritten: () => void,
): Promise<Admission[] | null> {
  const { batch, situation, bookings } = decided;
  const siteId = batch[0]?.siteId ?? 0;
  const slots = [...situation.slots.values()];
  const slotIds = [...situation.slots.keys()];
  try {
    const { isAsForeseen } = await db.pipelined(async (tx) => {
      const held = holdSlots(tx, siteId, slotIds);
      const written = writeForeseen(tx, siteId, bookings, keysOf(decided), { slots, suspicion: suspicionOf(batch) });
      onWritten();
      return { value: { isAsForeseen: written }, last: [held, written] };
    });
    if (await isAsForeseen) {
      memory.foresight.trust();
      return answersOf(decided);
    }
    memory.foresight.doubt(slotIds);
  } catch (error) {
    memory.foresight.forget(slotIds);
    if (!isSurprise(error, false)) throw error;
    memory.cautiousBatches = batchesOfCaution;
  }
  return null;
}

/**
 * Admits a batch in a transaction of the caller's, which does more with the answers and is run again when it was overtaken (`isOvertaken`,
 * `PassedTooOften`). It locks slots: whatever the caller locks comes before.
 */
export async function admitAlong(tx: Queries, batch: readonly Candidate[]): Promise<Admission[]> {
  const { value, last } = await admitWithin(tx, batch, true, newBatchMemory());
  await Promise.all(last);
  return value;
}

async function admitWithin(
  tx: Queries,
  batch: readonly Candidate[],
  looks: boolean,
  memory: BatchMemory,
): Promise<Unsettled<Admission[]>> {
  const first = batch[0];
  if (!first) return { value: [], last: [] };
  const { siteId } = first;
  const slotIds = slotsOf(batch);
  const [slots, conflicts, { allotments, queues }, barred] = await Promise.all([
    lockSlots(tx, siteId, slotIds),
    looks ? conflictsOf(tx, siteId, batch) : noConflicts,
    allotmentsAndQueuesOf(tx, siteId, slotIds, first.at),
    barredOf(tx, siteId, batch),
  ]);
  const decideWith = ({ known, claims }: Conflicts) =>
    decideBatch(batch, known, { slots, claims, allotments, queues, barred, ...defaultQueueRules });
  let decided = decideWith(conflicts);
  // Only what is written is looked at by the constraints; a refusal has to know whether it was answered before, and by what it is met.
  if (!looks && decided.decisions.some(({ outcome }) => outcome !== 'admitted')) {
    memory.cautiousBatches = batchesOfCaution;
    decided = decideWith(await conflictsOf(tx, siteId, batch));
  }
  const isQueued = queues.length > 0 || decided.decisions.some(({ outcome }) => outcome === 'queued');
  if (isQueued || allotments.length > 0) memory.foresight.forget(slotIds);
  else memory.foresight.expect(slots, decided.bookings);
  const last = await write(tx, siteId, decided);
  return { value: answersOf(decided), last };
}

/** What was asked before, and what is held already of what is asked for. */
type Conflicts = { known: ReadonlyMap<string, KnownAnswer>; claims: Situation['claims'] };
const noConflicts: Conflicts = { known: new Map(), claims: [] };
const nothingInTheWay = { claims: [], allotments: [], queues: [], ...defaultQueueRules };

async function conflictsOf(tx: Queries, siteId: number, batch: readonly Candidate[]): Promise<Conflicts> {
  const [known, claims] = await Promise.all([
    answersOfKeys(
      tx,
      siteId,
      batch.flatMap(({ idempotency }) => idempotency?.key ?? []),
    ),
    claimsInTheWay(
      tx,
      siteId,
      batch.flatMap(({ drafts }) => claimsToRead(drafts)),
    ),
  ]);
  return { known, claims };
}

/** Writes what was decided, and fills in the answers. Waits for nothing but who was passed and who waits in line from now on. */
async function write(tx: Queries, siteId: number, decided: DecidedBatch): Promise<Promise<unknown>[]> {
  const { decisions, situation, bookings, answers } = decided;
  const queued = decisions.flatMap(({ outcome, candidate }, index) =>
    outcome === 'queued' ? [{ candidate, entry: newEntryOf(candidate, situation, decisions.slice(index + 1)) }] : [],
  );
  // Before anybody joins: whoever joins now was passed by those behind it only.
  await noteBypassesOfQueues(tx, siteId, bypassesOf(decisions, situation), {
    slotIds: [...situation.slots.keys()],
    maxBypasses: situation.maxBypasses,
  });
  const entryIds = await enqueue(
    tx,
    siteId,
    queued.map(({ entry }) => entry),
  );
  for (const [index, { candidate }] of queued.entries()) {
    answers.set(candidate, { ok: true, entryId: entryIds[index] ?? never(candidate), replayed: false });
  }
  return writeBookings(tx, siteId, bookings, keysOf(decided));
}

/** A place in the queue for what a request asked for; it ends when the first of its slots closes. `later` came after it in its batch. */
function newEntryOf(candidate: Candidate, { slots }: Situation, later: readonly Decision[]): NewEntry {
  const { personId, at, drafts, groups = [], waitlist } = candidate;
  const slotIds = [...unitsOf(drafts).keys()];
  const closings = slotIds.flatMap((slotId) => slots.get(slotId)?.closesAt ?? []);
  const kind = drafts[0]?.kind ?? never(candidate);
  const wish = { choices: [drafts.map(withoutTerms)], groups, offerMinutes: waitlist?.offerMinutes ?? 0 };
  return { personId, kind, at, closesAt: Math.min(...closings), bypassed: timesPassed(slotIds, later), wish };
}
