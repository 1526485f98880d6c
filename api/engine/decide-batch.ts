import { decide, type AdmittedPart, type Candidate, type Decision, type Situation } from './decide.ts';
import { unitsOf } from './drafts.ts';
import { earlierAnswer, type KnownAnswer } from './earlier-answers.ts';
import type { Admission, MadeBooking, Slot } from './types.ts';
import type { NewBooking, NewKey } from './booking-statement.ts';

/** What came of a batch: its decisions, what is written of them, and the answers as far as they are known before anything is written. */
export type DecidedBatch = {
  batch: readonly Candidate[];
  situation: Situation;
  decisions: readonly Decision[];
  bookings: NewBooking[];
  answers: Map<Candidate, Admission>;
  /** Requests with the key of an earlier one in the same batch. */
  repeats: ReadonlyMap<Candidate, Candidate>;
};

/** All slots that a batch asks for. */
export const slotsOf = (batch: readonly Candidate[]): number[] => [
  ...unitsOf(batch.flatMap(({ drafts }) => drafts)).keys(),
];

/** Decides a batch: a known key has its answer already, and two requests with one key are one request. Pure. */
export function decideBatch(
  batch: readonly Candidate[],
  known: ReadonlyMap<string, KnownAnswer>,
  situation: Situation,
): DecidedBatch {
  const answers = new Map<Candidate, Admission>();
  const { fresh, repeats } = oncePerKey(batch, known, answers);
  const decisions = decide(fresh, situation);
  const bookings: NewBooking[] = [];
  for (const decision of decisions) {
    const { candidate } = decision;
    if (decision.outcome === 'refused') answers.set(candidate, decision.refusal);
    if (decision.outcome !== 'admitted') continue;
    const made = newBookingsOf(candidate, decision.parts);
    bookings.push(...made);
    answers.set(candidate, {
      ok: true,
      bookingIds: [...candidate.bookingIds],
      made: made.map((booking) => madeBooking(booking, situation.slots)),
      replayed: false,
    });
  }
  return { batch, situation, decisions, bookings, answers, repeats };
}

/** The answers in the batch's order, when all of its first requests have theirs. */
export function answersOf({ batch, answers, repeats }: DecidedBatch): Admission[] {
  return batch.map((candidate) => {
    const original = repeats.get(candidate);
    const answer = original ? asRepeat(candidate, original, answers.get(original)) : answers.get(candidate);
    return answer ?? never(candidate);
  });
}

/** The keys that are new, with what is answered to them. */
export function keysOf({ answers }: DecidedBatch): NewKey[] {
  return [...answers].flatMap(([{ idempotency, at }, answer]) => {
    if (!idempotency || !answer.ok || answer.replayed) return [];
    const bookingId = 'bookingIds' in answer ? (answer.bookingIds[0] ?? null) : null;
    return [{ ...idempotency, at, bookingId, entryId: 'entryId' in answer ? answer.entryId : null }];
  });
}

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

export function never(candidate: Candidate): never {
  throw new Error(`a request of ${candidate.drafts.length} bookings was not decided`);
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
