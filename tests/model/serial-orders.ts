import { carryOut } from './oracle.ts';
import { takenOf } from './oracle-queue.ts';
import { copyOf, type Answer, type Op, type Size, type State } from './oracle-state.ts';

/** What was sent as one command, as the moments that it consists of, and what it was answered. */
export type Sent = { ops: readonly Op[]; answer: Answer };

/** A state as text, so that two can be compared and shown: what the database shows of it. */
export function shownState(state: State): string[] {
  const slots = Object.entries(state.sizes).map(
    ([slot, size]) => `slot ${slot}: ${takenOf(state, slot)} of ${shownSize(size)}`,
  );
  const kept = state.allotments.map(
    ({ slot, group, units, taken }) => `kept ${slot} for ${group}: ${taken} of ${units}`,
  );
  const bookings = state.bookings.map((booking) => `booking ${booking.label}: ${shownBooking(booking, booking.drawn)}`);
  const entries = state.entries.map(
    ({ label, state: is, passes }, index) =>
      `entry ${index} ${label}: ${is}${is === 'waiting' ? `, passed ${passes}` : ''}`,
  );
  const changes = state.changes.map(
    ({ label, displaced, undoneBy }) =>
      `change ${label}: displaced ${displaced.map(({ booking }) => booking).join()}; undone by ${undoneBy}`,
  );
  return [...slots, ...kept.toSorted(), ...bookings.toSorted(), ...entries, ...changes.toSorted()];
}

/** Units of a slot, and why it is closed. */
export function shownSize({ capacity, closed }: Size): string {
  return `${capacity}${closed === null ? '' : `, closed: ${closed}`}`;
}

/** A booking's state, its expiry and the units that it has of allotments. */
export function shownBooking(
  { state, expiresAt }: { state: string; expiresAt: number | null },
  drawn: readonly { slot: string; units: number }[],
): string {
  const draws = drawn.filter(({ units }) => units > 0).map(({ slot, units }) => `, ${units} kept of ${slot}`);
  return `${state}${expiresAt === null ? '' : ` until ${expiresAt}`}${draws.toSorted().join('')}`;
}

/** One serial order that was tried: where its answers or its end differ from what was seen. */
export type Tried = { order: string[]; differs: string };

/**
 * Looks for an order of commands that were sent at once, each moment by moment, in which the model gives the answers and the end that were
 * seen. If there is none, what was tried says why.
 */
export function serialOrder(start: State, sent: readonly Sent[], seen: readonly string[]): State | { tried: Tried[] } {
  const tried: Tried[] = [];
  const seenText = seen.join('\n');

  function goOn(state: State, next: readonly number[], order: readonly string[]): State | null {
    let isOver = true;
    for (const [index, { ops, answer }] of sent.entries()) {
      const op = ops[next[index]!];
      if (!op) continue;
      isOver = false;
      const after = copyOf(state);
      const given = carryOut(after, op);
      const name = ops.length === 1 ? `${index + 1}` : op.do;
      if (ops.length === 1 && given !== answer) {
        tried.push({ order: [...order, name], differs: `${index + 1} would be answered “${given}”` });
        continue;
      }
      const found = goOn(
        after,
        next.map((at, other) => (other === index ? at + 1 : at)),
        [...order, name],
      );
      if (found) return found;
    }
    if (!isOver) return null;
    const shown = shownState(state);
    if (shown.join('\n') === seenText) return state;
    const missing = shown.filter((line) => !seen.includes(line));
    const extra = seen.filter((line) => !shown.includes(line));
    tried.push({ order: [...order], differs: `expected ${missing.join('; ')} — seen ${extra.join('; ')}` });
    return null;
  }
  return (
    goOn(
      start,
      sent.map(() => 0),
      [],
    ) ?? { tried }
  );
}
