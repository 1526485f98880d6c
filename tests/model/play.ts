import { examine } from '../../api/engine/doctor.ts';
import type { Call } from '../support/racing.ts';
import type { Command, History, Wish } from './history.ts';
import { copyOf, type Draft, type Op, type State } from './oracle-state.ts';
import { createLabels, seenState, type Labels } from './seen-state.ts';
import { serialOrder, shownState, type Sent, type Tried } from './serial-orders.ts';
import { month, serviceDate, type Member, type Service } from './service.ts';

/** A command as it is sent, and what it is in the model; `key` is the retry key of a booking. */
type Move = { said: string; key?: string; ops: readonly Op[]; send: (call: Call) => Promise<string> };
type Turn = { service: Service; state: State; labels: Labels; sent: Map<string, Move> };

/**
 * Plays a history against the service and the model; throws when no serial order of the commands that were sent at once explains what was
 * answered and what is there, or when the doctor finds a broken row at the end.
 */
export async function play(service: Service, history: History): Promise<void> {
  await service.reset();
  const told: string[] = [];
  const turn: Turn = { service, state: copyOf(service.start), labels: createLabels(), sent: new Map() };
  for (const [index, step] of [...history, { together: [{ do: 'sweep' as const }], over: 1 }].entries()) {
    if ('minutes' in step) {
      service.moveTo((turn.state.now += step.minutes * 60_000));
      told.push(`${index}: ${step.minutes} minutes later`);
    } else if ('passed' in step) {
      told.push(await havePassed(turn, step.passed, step.times));
    } else {
      const moves = step.together.flatMap((command, place) => moveOf(turn, command, `${index}${'abcd'[place]}`) ?? []);
      turn.state = await playTogether(turn, moves, told, step.over ?? 1);
    }
  }
  const { broken } = await examine(service.processes[0]!.db);
  if (broken.length > 0) throw new Error(`${told.join('\n')}\nthe doctor found:\n${JSON.stringify(broken, null, 2)}`);
}

async function playTogether(turn: Turn, moves: readonly Move[], told: string[], over: number): Promise<State> {
  const processes = turn.service.processes.slice(0, over);
  const raw = await Promise.all(moves.map(({ send }, index) => send(processes[index % processes.length]!.call)));
  // One answer may name the entry that another one tells of, so they are named when all have come.
  const answers = raw.map((text) => text.replaceAll(/#(\d+)/g, (_, id) => turn.labels.entryLabelOf(Number(id))));
  told.push(...moves.map(({ said }, index) => `${said} → ${answers[index]}`));
  const seen = await seenState(processes[0]!.db, turn.state.world, turn.labels);
  const sent = moves.map((move, index): Sent => {
    // A process that is still working on the same key does nothing for a repeat.
    const isTold = answers[index] === 'in-flight' && moves.some((other) => other !== move && other.key === move.key);
    return { ops: isTold ? [] : move.ops, answer: answers[index]! };
  });
  const found = serialOrder(turn.state, sent, seen);
  if (!('tried' in found)) return found;
  throw new Error(
    [
      ...told,
      'No serial order explains the last of these:',
      ...found.tried.map(shownOrder),
      'Before it:',
      ...shownState(turn.state).filter((line) => !shownState(turn.service.start).includes(line)),
    ].join('\n'),
  );
}

const shownOrder = ({ order, differs }: Tried) => `  ${order.join(', ')}: ${differs}`;

/** Arranges that somebody who waits has been passed already, as if by people of whom nothing is left. */
async function havePassed({ service, state }: Turn, pick: number, times: number): Promise<string> {
  const waiting = state.entries.filter((entry) => entry.state === 'waiting');
  const entry = waiting[pick % waiting.length];
  if (!entry) return 'nobody waits to be passed';
  entry.passes = times;
  const place = state.entries.indexOf(entry);
  await service.processes[0]!.db.query(
    'UPDATE waitlist_entry SET bypassed = $1 WHERE id = (SELECT id FROM waitlist_entry ORDER BY id OFFSET $2 LIMIT 1)',
    [times, place],
  );
  return `${entry.label} has been passed ${times} times`;
}

/** What a command is at this moment; null when there is nothing that it could be about. */
function moveOf(turn: Turn, command: Command, label: string): Move | null {
  const { service, state, labels } = turn;
  const ok = (path: string, token: string) => async (call: Call) => {
    const { status, body } = await call(path, { token, body: {} });
    return status === 200 ? 'ok' : problemIn(status, body);
  };
  switch (command.do) {
    case 'book': {
      const move = bookMove(turn, command, label);
      turn.sent.set(label, move);
      return move;
    }
    case 'repeat': {
      const [of, move] = [...turn.sent][command.pick % turn.sent.size] ?? [];
      return move ? { ...move, said: `${label}: repeats ${of}` } : null;
    }
    case 'cancel': {
      const live = state.bookings.filter(({ state: is }) => is === 'held' || is === 'confirmed');
      const booking = picked(live.length > 0 ? live : state.bookings, command.pick);
      if (!booking) return null;
      const token = command.byStaff ? service.bossToken : tokenOf(service, booking.person);
      const said = `${label}: ${command.byStaff ? 'staff' : booking.person} cancel ${booking.label}`;
      const op: Op = { do: 'cancel', booking: booking.label, byStaff: command.byStaff };
      return { said, ops: [op], send: ok(`/bookings/${labels.idOf(booking.label)}/cancel`, token) };
    }
    case 'accept':
    case 'decline': {
      const active = state.entries.filter(
        ({ state: is }) => is === 'offered' || (is === 'waiting' && command.do === 'decline'),
      );
      const entry = picked(active.length > 0 ? active : state.entries, command.pick);
      if (!entry) return null;
      const path = `/waitlist/${labels.idOf(entry.label)}/${command.do}`;
      const said = `${label}: ${entry.person} ${command.do} ${entry.label}`;
      return { said, ops: [{ do: command.do, entry: entry.label }], send: ok(path, tokenOf(service, entry.person)) };
    }
    case 'capacity':
      return capacityMove(turn, command, label);
    case 'sweep': {
      const ops = (['lapse-holds', 'lapse-entries', 'release-allotments', 'serve-queues'] as const).map((what) => ({
        do: what,
      }));
      const send = async (call: Call) => {
        await service.sweep(service.processes.find((process) => process.call === call)!);
        return '';
      };
      return { said: `${label}: sweep`, ops, send };
    }
  }
}

function capacityMove({ service, state }: Turn, command: Extract<Command, { do: 'capacity' }>, label: string): Move {
  const { capacity, isDryRun, of } = command;
  const slots = Object.keys(state.world.slots).filter((slot) => slot.startsWith(of));
  const slotIds = slots.map((slot) => String(state.world.slots[slot]!.id));
  return {
    said: `${label}: ${isDryRun ? 'would ' : ''}set ${of} to ${capacity}`,
    ops: [{ do: 'capacity', slots, capacity, isDryRun }],
    send: async (call) => {
      const change = { slotIds, capacity, dryRun: isDryRun, reason: 'of the model' };
      const { status, body } = await call('/capacity-changes', { token: service.bossToken, body: change });
      if (status !== 200) return problemIn(status, body);
      const promoted = body['promoted'] as { waitlistId: string }[];
      return `promoted ${promoted.map(({ waitlistId }) => `#${waitlistId}`).join()}`;
    },
  };
}

function bookMove(turn: Turn, { member, wishes, ...options }: Extract<Command, { do: 'book' }>, label: string): Move {
  const { service, state, labels } = turn;
  // A day plan does not wait in line.
  const waits = options.waits && wishes.length === 1;
  const who = service.members[member % service.members.length]!;
  const bodies = wishes.map((wish) => ({ ...bodyOf(service, who, wish), ...(waits ? { joinWaitlist: true } : {}) }));
  const drafts = wishes.map((wish) => draftOf(state, who, wish));
  const offerMinutes = Math.min(...wishes.map(({ kind }) => (kind === 'stay' || kind === 'month' ? 60 : 15)));
  const op: Op = { do: 'book', label, person: who.name, groups: who.groups, drafts, offerMinutes, waits };
  return {
    said: `${label}: ${who.name} ${waits ? 'books or waits for' : 'books'} ${drafts.map(({ units }) => JSON.stringify(units)).join(' and ')}`,
    key: label,
    ops: [op],
    send: async (call) => {
      const body = bodies.length === 1 ? bodies[0]! : { bookings: bodies };
      const path = bodies.length === 1 ? '/bookings' : '/bookings/bundle';
      const answer = await call(path, { token: who.token, body, headers: { 'idempotency-key': label } });
      if (answer.status === 202) return `queued ${labels.ofEntry(Number(answer.body['id']), label)}`;
      if (answer.status !== 201) return problemIn(answer.status, answer.body);
      const made = bodies.length === 1 ? [answer.body] : (answer.body['bookings'] as Record<string, unknown>[]);
      return `booked ${labels.ofBookings(
        made.map(({ id }) => String(id)),
        label,
      )}`;
    },
  };
}

function bodyOf({ start, stops }: Service, { vehicleId }: Member, wish: Wish): object {
  const { slots } = start.world;
  switch (wish.kind) {
    case 'ride': {
      const [boardStopId, alightStopId] = [stops[wish.from], stops[wish.from + wish.legs]];
      return { kind: 'shuttle', runId: `run-${wish.run}`, serviceDate, boardStopId, alightStopId, seats: wish.seats };
    }
    case 'meal': {
      const items = [{ dishId: 'innovation-hongshao', quantity: wish.portions }];
      return { kind: 'canteen', slotId: String(slots[`w${wish.window}`]!.id), items };
    }
    case 'stay':
      return { kind: 'parking', vehicleId, slotIds: nightsOf(wish).map((night) => String(slots[night]!.id)) };
    case 'month':
      return { kind: 'parking', vehicleId, resourceId: 'guangqi-night', month };
  }
}

const nightsOf = ({ first, nights }: Extract<Wish, { kind: 'stay' }>) =>
  Array.from({ length: nights }, (_, index) => `n${first + index}`);

/** What a wish takes, by the rules of its service (docs/domain.md). */
function draftOf({ world }: State, { name }: Member, wish: Wish): Draft {
  const draft = (units: Record<string, number>, scope: string, who: string, claimed: readonly string[]): Draft => ({
    units,
    claims: claimed.map((slot) => ({ who, scope, from: world.slots[slot]!.startsAt, to: world.slots[slot]!.endsAt })),
    cancelUntil: world.slots[claimed[0]!]!.cancelUntil,
    endsAt: Math.max(...claimed.map((slot) => world.slots[slot]!.endsAt)),
  });
  const each = (slots: readonly string[], count: number) => Object.fromEntries(slots.map((slot) => [slot, count]));
  switch (wish.kind) {
    case 'ride': {
      const legs = Array.from({ length: wish.legs }, (_, index) => `${wish.run}${wish.from + index + 1}`);
      return draft(each(legs, wish.seats), 'ride', name, legs);
    }
    case 'meal':
      return draft({ [`w${wish.window}`]: 1, d1: wish.portions }, 'pick-up', name, [`w${wish.window}`]);
    case 'stay':
      return draft(each(nightsOf(wish), 1), 'stay', `car of ${name}`, nightsOf(wish));
    case 'month': {
      const nights = Object.keys(world.slots).filter((slot) => slot.startsWith('n'));
      return draft(each(nights, 1), 'stay', `car of ${name}`, nights);
    }
  }
}

function picked<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % items.length];
}

function tokenOf({ members }: Service, person: string): string {
  return members.find(({ name }) => name === person)!.token;
}

/** `slot-full`, `rule: booking-closed`; anything unforeseen with its status, which no model explains. */
function problemIn(status: number, { type, rule, detail }: Record<string, unknown>): string {
  if (status >= 500) return `status ${status} ${String(detail)}`;
  const name = String(type).replace('/problems/', '');
  return typeof rule === 'string' ? `${name}: ${rule}` : name;
}
