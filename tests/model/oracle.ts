import { changeSlots, undo } from './oracle-changes.ts';
import {
  closingOf,
  freeFor,
  giveBack,
  isElsewhere,
  isLive,
  make,
  maxPasses,
  offeredTo,
  serve,
  serveFreed,
  share,
  slotsOf,
  takenOf,
  waitingIn,
  whyShut,
} from './oracle-queue.ts';
import { unitsIn, type Answer, type Booking, type Op, type State } from './oracle-state.ts';

/**
 * What the service ought to do, as the simplest code that could be right: one command after the other, every rule looked up in a list. It
 * shares nothing with the engine. Rules: docs/domain.md, Waiting lists and Capacity; docs/architecture.md, The way of one booking.
 */
export function carryOut(state: State, op: Op): Answer {
  switch (op.do) {
    case 'book':
      return book(state, op);
    case 'cancel':
      return cancel(state, op);
    case 'accept':
      return accept(state, op.entry);
    case 'decline':
      return decline(state, op.entry);
    case 'change':
      return changeSlots(state, op);
    case 'undo':
      return undo(state, op);
    case 'lapse-holds':
      return end(
        state,
        state.bookings.filter(({ state: is, expiresAt }) => is === 'held' && expiresAt! <= state.now),
        'expired',
      );
    case 'lapse-entries':
      return lapseEntries(state);
    case 'release-allotments':
      return releaseAllotments(state);
    case 'serve-queues':
      return serve(
        state,
        Object.entries(state.sizes).flatMap(([slot, { capacity }]) =>
          whyShut(state, slot) === null && takenOf(state, slot) < capacity ? [slot] : [],
        ),
      ).join();
  }
}

function book(state: State, op: Extract<Op, { do: 'book' }>): Answer {
  const before = state.answers[op.label];
  if (before !== undefined) return before;
  const units = unitsIn(op.drafts);
  const slots = Object.keys(units);
  for (const slot of slots) {
    const shut = whyShut(state, slot);
    if (shut !== null) return `rule: ${shut}`;
  }
  if (isElsewhere(state, op.drafts)) return 'overlap';
  const isFull = slots.some((slot) => freeFor(state, slot, op.groups) < units[slot]!);
  const inLine = waitingIn(state).filter((entry) => share(slotsOf(entry), slots));
  const isKept = inLine.some(({ passes }) => passes >= maxPasses);
  if ((isFull || isKept) && !op.waits) return 'slot-full';
  if (isFull || isKept) {
    const { label, person, groups, drafts, offerMinutes } = op;
    const closesAt = closingOf(state, slots);
    const place = { passes: 0, state: 'waiting' as const, offers: 0, insteadOf: null };
    state.entries.push({ label, person, groups, drafts, offerMinutes, closesAt, ...place });
    return (state.answers[label] = `queued ${label}`);
  }
  for (const entry of inLine) entry.passes++;
  make(state, op, null);
  return (state.answers[op.label] = `booked ${op.label}`);
}

/** Ends what is held or confirmed of some bookings, and offers what comes free. */
function end(state: State, bookings: readonly Booking[], to: 'cancelled' | 'expired'): '' {
  const ending = bookings.filter(isLive);
  if (ending.length === 0) return '';
  for (const entry of state.entries) {
    const isEnding = entry.state === 'offered' && offeredTo(state, entry).some((booking) => ending.includes(booking));
    if (isEnding) entry.state = to === 'expired' ? 'lapsed' : 'declined';
  }
  giveBack(state, ending, to);
  serveFreed(
    state,
    bookings.flatMap(({ units }) => Object.keys(units)),
    bookings.map(({ person }) => person),
  );
  return '';
}

function cancel(state: State, { booking: label, byStaff }: Extract<Op, { do: 'cancel' }>): Answer {
  const booking = state.bookings.find((one) => one.label === label)!;
  if (booking.state === 'cancelled') return 'ok';
  if (!isLive(booking) || state.now >= booking.endsAt) return 'rule: already-over';
  if (!byStaff && state.now >= booking.cancelUntil) return 'rule: cancel-too-late';
  end(state, [booking], 'cancelled');
  return 'ok';
}

function accept(state: State, label: string): Answer {
  const entry = state.entries.find((one) => one.label === label)!;
  if (entry.state === 'accepted') return 'ok';
  if (entry.state === 'lapsed') return 'rule: offer-lapsed';
  if (entry.state !== 'offered') return 'rule: no-offer';
  const held = offeredTo(state, entry).filter(({ state: is }) => is === 'held');
  if (held.some(({ expiresAt }) => state.now >= expiresAt!)) return 'rule: offer-lapsed';
  for (const booking of held) {
    booking.state = 'confirmed';
    booking.expiresAt = null;
  }
  entry.state = 'accepted';
  return 'ok';
}

function decline(state: State, label: string): Answer {
  const entry = state.entries.find((one) => one.label === label)!;
  if (entry.state === 'declined' || entry.state === 'withdrawn') return 'ok';
  if (entry.state === 'accepted' || entry.state === 'lapsed') return 'rule: already-left';
  const wasOffered = entry.state === 'offered';
  entry.state = wasOffered ? 'declined' : 'withdrawn';
  if (wasOffered) end(state, offeredTo(state, entry), 'cancelled');
  else serve(state, slotsOf(entry));
  return 'ok';
}

function lapseEntries(state: State): '' {
  const lapsing = waitingIn(state).filter(({ closesAt }) => closesAt <= state.now);
  for (const entry of lapsing) entry.state = 'lapsed';
  serve(state, lapsing.flatMap(slotsOf));
  return '';
}

function releaseAllotments(state: State): '' {
  const released = state.allotments.filter(({ releaseAt }) => releaseAt <= state.now);
  state.allotments = state.allotments.filter((kept) => !released.includes(kept));
  serve(
    state,
    released.map(({ slot }) => slot),
  );
  return '';
}
