import type { Draft } from './drafts.ts';
import type { World } from './world.ts';

/** A booking is known by what it came of (a command or an offer), and its place in the plan: `2b.0`. */
export type Booking = Draft & {
  label: string;
  of: string;
  person: string;
  bookedAt: number;
  drawn: { slot: string; group: string; units: number }[];
  state: 'held' | 'confirmed' | 'cancelled' | 'expired' | 'displaced';
  expiresAt: number | null;
};

export type Entry = {
  /** Of the command that joined the queue, or of the booking that gave way. */
  label: string;
  person: string;
  groups: readonly string[];
  drafts: readonly Draft[];
  offerMinutes: number;
  closesAt: number;
  /** How often somebody behind it was served from a slot that it waits for. */
  passes: number;
  state: 'waiting' | 'offered' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn';
  /** How often it was offered something: an offer that had to give way is followed by another. */
  offers: number;
  /** The booking that gave way and that it was made for. */
  insteadOf: string | null;
};

export type Allotment = { slot: string; group: string; units: number; taken: number; releaseAt: number };

/** How much there is of a slot, and why there is nothing if it is closed. */
export type Size = { capacity: number; closed: string | null };

/** A change of slots, known by its command, as it is remembered. */
export type Change = {
  label: string;
  slots: readonly { slot: string; before: Size; after: Size }[];
  /** Bookings that gave way, first in the order first, each with the groups whose allotments it had drawn on. */
  displaced: readonly { booking: string; groups: readonly string[] }[];
  undoneBy: string | null;
};

export type State = {
  world: World;
  now: number;
  sizes: Record<string, Size>;
  allotments: Allotment[];
  bookings: Booking[];
  /** In order of arrival. */
  entries: Entry[];
  changes: Change[];
  /** The first answer to each booking command, for its repeats. */
  answers: Record<string, string>;
  /** The id that a booking has in the service: who booked at the same instant gives way in the order of them. */
  idOf: (booking: string) => string;
};

/** One thing that happens at one moment. The sweep is four of them, one after the other. */
export type Op =
  | {
      do: 'book';
      label: string;
      person: string;
      groups: readonly string[];
      drafts: readonly Draft[];
      offerMinutes: number;
      waits: boolean;
    }
  | { do: 'cancel'; booking: string; byStaff: boolean }
  | { do: 'accept' | 'decline'; entry: string }
  | ChangeOp
  | { do: 'undo'; label: string; change: string; isDryRun: boolean }
  | { do: 'lapse-holds' | 'lapse-entries' | 'release-allotments' | 'serve-queues' };

/** A new size for some slots; what is left out stays as it is. */
export type ChangeOp = {
  do: 'change';
  label: string;
  slots: readonly string[];
  to: Partial<Size>;
  displaces: boolean;
  isDryRun: boolean;
};

/** What a command is answered: `ok`, `booked 2b`, or the problem's name; nothing for the sweep. */
export type Answer = string;

/** Units of each slot that some drafts take together. */
export function unitsIn(drafts: readonly Pick<Draft, 'units'>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { units } of drafts)
    for (const [slot, count] of Object.entries(units)) sum[slot] = (sum[slot] ?? 0) + count;
  return sum;
}

/** What the bookings of an entry's newest offer, or of its so-manieth, are known by. */
export function offerLabel(entry: string, number: number): string {
  return number === 1 ? entry : `${entry}~${number}`;
}

/** What the entry is known by that is made for a booking which gives way for the so-manieth time. */
export function insteadLabel(booking: string, number: number): string {
  return number === 1 ? `${booking}+` : `${booking}+${number}`;
}

/** A copy whose changes leave the original alone; what never changes is shared. */
export function copyOf(state: State): State {
  return {
    ...state,
    sizes: { ...state.sizes },
    allotments: state.allotments.map((kept) => ({ ...kept })),
    bookings: state.bookings.map((booking) => ({ ...booking })),
    entries: state.entries.map((entry) => ({ ...entry })),
    changes: state.changes.map((change) => ({ ...change })),
    answers: { ...state.answers },
  };
}
