import type { Call } from '../support/racing.ts';
import { draftOf, offerMinutes, type Draft } from './drafts.ts';
import type { Changed, Command, Wish } from './history.ts';
import type { Op, State } from './oracle-state.ts';
import type { Labels } from './seen-state.ts';
import { month, serviceDate, type Member, type Service } from './service.ts';

/** A command as it is sent, and what it is in the model; `key` is the retry key of a booking. */
export type Move = { said: string; key?: string; ops: readonly Op[]; send: (call: Call) => Promise<string> };
export type Turn = { service: Service; state: State; labels: Labels; sent: Map<string, Move> };

/** What a command is at this moment; null when there is nothing that it could be about. */
export function moveOf(turn: Turn, command: Command, label: string): Move | null {
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
    case 'change':
      return changeMove(turn, command, label);
    case 'undo':
      return undoMove(turn, command, label);
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

/** A slot before and after a change, as the API tells it. */
type ToldSlot = {
  slotId: string;
  before: number;
  after: number;
  closedBefore: boolean;
  closedAfter: boolean;
  booked: number;
  excess: number;
};

type ToldChange = {
  changeId: string | null;
  changes: ToldSlot[];
  displaced: { bookingId: string; position: number; of: number; alternative: { waitlistId: string | null } | null }[];
  promoted: { waitlistId: string }[];
};

type ToldUndo = Pick<ToldChange, 'changeId' | 'changes' | 'promoted'> & {
  restored: { bookingId: string }[];
  notRestored: { bookingId: string; why: string }[];
};

/** Entries are told as `#12` and bookings as `@id`: they are named when all answers have come. */
function shownChanges({ start }: Service, changes: readonly ToldSlot[]): string {
  const slots = Object.entries(start.world.slots);
  const size = (capacity: number, isClosed: boolean) => `${capacity}${isClosed ? ' closed' : ''}`;
  return slots
    .flatMap(([name, { id }]) => {
      const change = changes.find(({ slotId }) => slotId === String(id));
      if (!change) return [];
      const { before, after, closedBefore, closedAfter, booked, excess } = change;
      return [
        `${name} ${size(before, closedBefore)} to ${size(after, closedAfter)}, ${booked} booked, ${excess} too many`,
      ];
    })
    .join(', ');
}

const shownPromoted = (promoted: ToldChange['promoted']) =>
  `promoted ${promoted.map(({ waitlistId }) => `#${waitlistId}`).join()}`;

function changeMove(turn: Turn, command: Extract<Command, { do: 'change' }>, label: string): Move {
  const { service, state, labels } = turn;
  const { to, displaces, isDryRun } = command;
  const of = typeof command.of === 'string' ? command.of : bookedOf(state, command.of);
  const slots = Object.keys(state.world.slots).filter((slot) => slot.startsWith(of));
  const slotIds = slots.map((slot) => String(state.world.slots[slot]!.id));
  const { closed, ...more } = to;
  const change = {
    ...{ slotIds, ...more, dryRun: isDryRun, reason: closed ?? 'of the model' },
    ...(closed === undefined ? {} : { closed: closed !== null }),
    ...(displaces ? { onExcess: 'displace' } : {}),
  };
  return {
    said: `${label}: ${isDryRun ? 'would ' : ''}change ${of} to ${JSON.stringify(to)}${displaces ? ', displacing' : ''}`,
    ops: [{ do: 'change', label, slots, to, displaces, isDryRun }],
    send: async (call) => {
      const answer = await call<ToldChange>('/capacity-changes', { token: service.bossToken, body: change });
      if (answer.status !== 200) return problemIn(answer.status, answer.body);
      const { changeId, changes, displaced, promoted } = answer.body;
      if (changeId !== null) labels.ofChange(changeId, label);
      const gaveWay = displaced.map(({ bookingId, position, of: among, alternative }) => {
        const instead = alternative?.waitlistId ? `#${alternative.waitlistId}` : 'another';
        return `@${bookingId} (${position} of ${among})${alternative ? ` for ${instead}` : ''}`;
      });
      return `${shownChanges(service, changes)}; displaced ${gaveWay.join()}; ${shownPromoted(promoted)}`;
    },
  };
}

/** Where somebody has booked, by the beginning of the slots' names. */
function bookedOf({ bookings }: State, { bookedBy, isWhole }: Exclude<Changed, string>): string {
  const live = bookings.filter(({ state }) => state === 'held' || state === 'confirmed');
  const [slot = 'a1'] = Object.keys(picked(live, bookedBy)?.units ?? {});
  return isWhole ? slot[0]! : slot;
}

function undoMove(turn: Turn, { pick, isDryRun }: Extract<Command, { do: 'undo' }>, label: string): Move | null {
  const { service, state, labels } = turn;
  const standing = state.changes.filter(({ undoneBy }) => undoneBy === null);
  const change = picked(standing.length > 0 ? standing : state.changes, pick);
  if (!change) return null;
  return {
    said: `${label}: ${isDryRun ? 'would ' : ''}undo ${change.label}`,
    ops: [{ do: 'undo', label, change: change.label, isDryRun }],
    send: async (call) => {
      const path = `/capacity-changes/${labels.idOf(`change ${change.label}`)}/undo`;
      const answer = await call<ToldUndo>(path, { token: service.bossToken, body: { dryRun: isDryRun } });
      if (answer.status !== 200) return problemIn(answer.status, answer.body);
      const { changeId, changes, restored, notRestored, promoted } = answer.body;
      if (changeId !== null) labels.ofChange(changeId, label);
      const back = restored.map(({ bookingId }) => `@${bookingId}`);
      const away = notRestored.map(({ bookingId, why }) => `@${bookingId} (${why})`);
      return `${shownChanges(service, changes)}; back ${back.join()}; away ${away.join()}; ${shownPromoted(promoted)}`;
    },
  };
}

function bookMove(turn: Turn, { member, wishes, ...options }: Extract<Command, { do: 'book' }>, label: string): Move {
  const { service, state, labels } = turn;
  // A day plan does not wait in line.
  const waits = options.waits && wishes.length === 1;
  const who = service.members[member % service.members.length]!;
  const bodies = wishes.map((wish) => ({ ...bodyOf(service, who, wish), ...(waits ? { joinWaitlist: true } : {}) }));
  const drafts = wishes.map((wish) => wished(state, who, wish));
  const minutes = Math.min(...drafts.map(({ kind }) => offerMinutes[kind]));
  const op: Op = { do: 'book', label, person: who.name, groups: who.groups, drafts, offerMinutes: minutes, waits };
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

function bodyOf({ start, stops }: Service, { vehicleId, childIds }: Member, wish: Wish): object {
  const { slots } = start.world;
  switch (wish.kind) {
    case 'ride': {
      const [boardStopId, alightStopId] = [stops[wish.from], stops[wish.from + wish.legs]];
      const { seats, isAccessible: accessible } = wish;
      return { kind: 'shuttle', runId: `run-${wish.run}`, serviceDate, boardStopId, alightStopId, seats, accessible };
    }
    case 'meal': {
      const items = [{ dishId: 'innovation-hongshao', quantity: wish.portions }];
      return { kind: 'canteen', slotId: String(slots[`w${wish.window}`]!.id), items };
    }
    case 'stay':
      return { kind: 'parking', vehicleId, slotIds: nightsOf(wish).map((night) => String(slots[night]!.id)) };
    case 'month':
      return { kind: 'parking', vehicleId, resourceId: 'guangqi-night', month };
    case 'class':
      return { kind: 'childcare', childId: childIds[wish.child], slotId: String(slots[`${wish.room}1`]!.id) };
  }
}

const nightsOf = ({ lot, first, nights }: Extract<Wish, { kind: 'stay' }>) =>
  Array.from({ length: nights }, (_, index) => `${lot}${first + index}`);

/** What somebody's wish takes. */
function wished({ world }: State, { name }: Member, wish: Wish): Draft {
  const each = (slots: readonly string[], count: number) => Object.fromEntries(slots.map((slot) => [slot, count]));
  switch (wish.kind) {
    case 'ride': {
      const legs = Array.from({ length: wish.legs }, (_, index) => `${wish.run}${wish.from + index + 1}`);
      const { kind, seats, isAccessible: isProtected } = wish;
      return draftOf(world, { kind, units: each(legs, seats), who: name, during: legs, isProtected });
    }
    case 'meal': {
      const window = `w${wish.window}`;
      return draftOf(world, { kind: 'meal', units: { [window]: 1, d1: wish.portions }, who: name, during: [window] });
    }
    case 'stay':
    case 'month': {
      const all = Object.keys(world.slots).filter((slot) => slot.startsWith('n'));
      const nights = wish.kind === 'month' ? all : nightsOf(wish);
      return draftOf(world, { kind: 'stay', units: each(nights, 1), who: `car of ${name}`, during: nights });
    }
    case 'class': {
      const session = `${wish.room}1`;
      const who = `child ${wish.child} of ${name}`;
      return draftOf(world, { kind: 'class', units: { [session]: 1 }, who, during: [session] });
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
function problemIn(status: number, body: object): string {
  const { type, rule, detail } = body as Record<string, unknown>;
  if (status >= 500) return `status ${status} ${String(detail)}`;
  const name = String(type).replace('/problems/', '');
  return typeof rule === 'string' ? `${name}: ${rule}` : name;
}
