import { databaseRefusal, pipelinedWithRetry, type Db, type Queries, type Unsettled } from '../../db/db.ts';
import {
  bypassesOf,
  decide,
  timesPassed,
  type AdmittedPart,
  type Candidate,
  type Decision,
  type Situation,
} from './decide.ts';
import { unitsOf, withoutTerms } from './drafts.ts';
import { answersOfKeys, earlierAnswer, type KnownAnswer } from './earlier-answers.ts';
import { claimsToRead } from './limits.ts';
import { defaultQueueRules } from './promote.ts';
import { enqueue, noteBypassesOfQueues, PassedTooOften, type NewEntry } from './queue-rows.ts';
import { allotmentsAndQueuesOf, claimsInTheWay } from './read-situation.ts';
import { lockSlots } from './slot-rows.ts';
import type { Admission, MadeBooking, Slot } from './types.ts';
import { writeBookings, type NewBooking, type NewKey } from './write-bookings.ts';

/** The constraint whose refusal means that another process was faster with a retry key: the batch is read and decided again. */
const keyConstraint = 'idempotency_key_site_id_key_pk';
const claimConstraint = 'claim_no_overlap';
const raceAttempts = 5;

/**
 * Whether batches look for known retry keys and claims in the way before they write. Nearly always there are none, and the constraints
 * would refuse the batch: then it is done again with its eyes open, and the next ones look first for a while.
 */
export type Caution = { batchesLeft: number };
const cautiousBatches = 32;

/**
 * Admits a batch of one site in one transaction: lock, read, decide, write set-wise, commit. Answers come in the batch's order, after
 * the commit; `onWritten` is called before it, when the database has been told everything: the next batch for the same slots may come and
 * wait for their locks. A refused request writes nothing.
 * @throws what the database throws when it cannot commit; then nothing of the batch was done.
 */
export async function commitBatch(
  db: Db,
  batch: readonly Candidate[],
  caution: Caution,
  onWritten: () => void = () => {},
): Promise<Admission[]> {
  for (let attempt = 1; ; attempt++) {
    const looks = attempt > 1 || caution.batchesLeft > 0;
    if (caution.batchesLeft > 0) caution.batchesLeft--;
    try {
      return await pipelinedWithRetry(db, async (tx) => {
        const admitted = await admitWithin(tx, batch, looks, caution);
        onWritten();
        return admitted;
      });
    } catch (error) {
      const constraint = databaseRefusal(error)?.constraint;
      const isSurprise = !looks && constraint === claimConstraint;
      if (isSurprise || constraint === keyConstraint) caution.batchesLeft = cautiousBatches;
      const isRace = isSurprise || error instanceof PassedTooOften || constraint === keyConstraint;
      if (attempt >= raceAttempts || !isRace) throw error;
    }
  }
}

/**
 * Admits a batch in a transaction of the caller's, which does more with the answers and is run again when it was overtaken (`isOvertaken`,
 * `PassedTooOften`). It locks slots: whatever the caller locks comes before.
 */
export async function admitAlong(tx: Queries, batch: readonly Candidate[]): Promise<Admission[]> {
  const { value, last } = await admitWithin(tx, batch, true, { batchesLeft: 0 });
  await Promise.all(last);
  return value;
}

async function admitWithin(
  tx: Queries,
  batch: readonly Candidate[],
  looks: boolean,
  caution: Caution,
): Promise<Unsettled<Admission[]>> {
  const first = batch[0];
  if (!first) return { value: [], last: [] };
  const { siteId } = first;
  const slotIds = [...unitsOf(batch.flatMap(({ drafts }) => drafts)).keys()];
  const [slots, conflicts, { allotments, queues }] = await Promise.all([
    lockSlots(tx, siteId, slotIds),
    looks ? conflictsOf(tx, siteId, batch) : noConflicts,
    allotmentsAndQueuesOf(tx, siteId, slotIds, first.at),
  ]);
  const decideWith = ({ known, claims }: Conflicts) => {
    const answers = new Map<Candidate, Admission>();
    const { fresh, repeats } = oncePerKey(batch, known, answers);
    const situation: Situation = { slots, claims, allotments, queues, ...defaultQueueRules };
    return { answers, repeats, situation, decisions: decide(fresh, situation) };
  };
  let decided = decideWith(conflicts);
  // Only what is written is looked at by the constraints; a refusal has to know whether it was answered before, and by what it is met.
  if (!looks && decided.decisions.some(({ outcome }) => outcome !== 'admitted')) {
    caution.batchesLeft = cautiousBatches;
    decided = decideWith(await conflictsOf(tx, siteId, batch));
  }
  const { answers, repeats, situation, decisions } = decided;
  const last = await write(tx, siteId, decisions, situation, answers);
  for (const [repeat, original] of repeats) answers.set(repeat, asRepeat(repeat, original, answers.get(original)));
  return { value: batch.map((candidate) => answers.get(candidate) ?? never(candidate)), last };
}

/** What was asked before, and what is held already of what is asked for. */
type Conflicts = { known: ReadonlyMap<string, KnownAnswer>; claims: Situation['claims'] };
const noConflicts: Conflicts = { known: new Map(), claims: [] };

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

/** Sorts out what is to be decided: a known key has its answer already, and two requests with one key are one request. */
function oncePerKey(
  batch: readonly Candidate[],
  known: ReadonlyMap<string, KnownAnswer>,
  answers: Map<Candidate, Admission>,
): { fresh: Candidate[]; repeats: Map<Candidate, Candidate> } {
  const firstOfKey = new Map<string, Candidate>();
  const repeats = new Map<Candidate, Candidate>();
  const fresh: Candidate[] = [];
  for (const candidate of batch) {
    const key = candidate.idempotency?.key;
    const answer = earlierAnswer(known, candidate.idempotency);
    const original = key === undefined ? undefined : firstOfKey.get(key);
    if (answer) answers.set(candidate, answer);
    else if (original) repeats.set(candidate, original);
    else {
      fresh.push(candidate);
      if (key !== undefined) firstOfKey.set(key, candidate);
    }
  }
  return { fresh, repeats };
}

function asRepeat(repeat: Candidate, original: Candidate, answer: Admission | undefined): Admission {
  if (repeat.idempotency?.request !== original.idempotency?.request) return { ok: false, problem: 'key-reused' };
  if (!answer?.ok) return answer ?? never(repeat);
  return 'entryId' in answer ? { ...answer, replayed: true } : { ...answer, made: null, replayed: true };
}

function never(candidate: Candidate): never {
  throw new Error(`a request of ${candidate.drafts.length} bookings was not decided`);
}

/** Writes what was decided, and fills in the answers. Waits for nothing but who was passed and who waits in line from now on. */
async function write(
  tx: Queries,
  siteId: number,
  decisions: readonly Decision[],
  situation: Situation,
  answers: Map<Candidate, Admission>,
): Promise<Promise<unknown>[]> {
  const bookings: NewBooking[] = [];
  const queued: { candidate: Candidate; entry: NewEntry }[] = [];
  for (const [index, decision] of decisions.entries()) {
    const { candidate } = decision;
    if (decision.outcome === 'refused') answers.set(candidate, decision.refusal);
    else if (decision.outcome === 'queued')
      queued.push({ candidate, entry: newEntryOf(candidate, situation, decisions.slice(index + 1)) });
    else {
      const made = newBookingsOf(candidate, decision.parts);
      bookings.push(...made);
      answers.set(candidate, {
        ok: true,
        bookingIds: [...candidate.bookingIds],
        made: made.map((booking) => madeBooking(booking, situation.slots)),
        replayed: false,
      });
    }
  }
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
  return writeBookings(tx, siteId, bookings, keysOf(answers));
}

function newBookingsOf(candidate: Candidate, parts: readonly AdmittedPart[]): NewBooking[] {
  const { personId, actorId, at, heldUntil = null, bookingIds } = candidate;
  // A plan of several parts is known by its first booking.
  const bundleId = parts.length > 1 ? (bookingIds[0] ?? null) : null;
  return parts.map((part, index) => ({
    id: bookingIds[index] ?? never(candidate),
    personId,
    actorId,
    at,
    heldUntil,
    bundleId,
    ...part,
  }));
}

function madeBooking({ id, bundleId, draft }: NewBooking, slots: ReadonlyMap<number, Slot>): MadeBooking {
  const lines = draft.lines.flatMap(({ slotId, units }) => {
    const slot = slots.get(slotId);
    if (!slot) return [];
    const { resourceId, startsAt, endsAt, serviceDate } = slot;
    return [{ slotId, units, resourceId, startsAt, endsAt, serviceDate }];
  });
  return { id, bundleId, draft, lines: lines.toSorted((a, b) => a.startsAt - b.startsAt || a.slotId - b.slotId) };
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

function keysOf(answers: ReadonlyMap<Candidate, Admission>): NewKey[] {
  return [...answers].flatMap(([{ idempotency, at }, answer]) => {
    if (!idempotency || !answer.ok || answer.replayed) return [];
    const bookingId = 'bookingIds' in answer ? (answer.bookingIds[0] ?? null) : null;
    return [{ ...idempotency, at, bookingId, entryId: 'entryId' in answer ? answer.entryId : null }];
  });
}
