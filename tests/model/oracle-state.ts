/** Instants are epoch milliseconds, as everywhere. */
export type WorldSlot = {
  id: number;
  opensAt: number;
  closesAt: number;
  cancelUntil: number;
  startsAt: number;
  endsAt: number;
};

/** What never changes in a history: the slots by short names, e.g. `a2` for the second leg of run a. */
export type World = { slots: Readonly<Record<string, WorldSlot>> };

export type Claim = { who: string; scope: string; from: number; to: number };
export type Draft = { units: Record<string, number>; claims: Claim[]; cancelUntil: number; endsAt: number };

/** A booking is known by the command that it came of, and its place in the plan: `2b.0`. */
export type Booking = Draft & {
  label: string;
  of: string;
  person: string;
  drawn: { slot: string; group: string; units: number }[];
  state: 'held' | 'confirmed' | 'cancelled' | 'expired';
  expiresAt: number | null;
};

export type Entry = {
  /** Of the command that joined the queue. */
  label: string;
  person: string;
  groups: readonly string[];
  drafts: readonly Draft[];
  offerMinutes: number;
  closesAt: number;
  /** How often somebody behind it was served from a slot that it waits for. */
  passes: number;
  state: 'waiting' | 'offered' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn';
};

export type Allotment = { slot: string; group: string; units: number; taken: number; releaseAt: number };

export type State = {
  world: World;
  now: number;
  capacity: Record<string, number>;
  allotments: Allotment[];
  bookings: Booking[];
  /** In order of arrival. */
  entries: Entry[];
  /** The first answer to each booking command, for its repeats. */
  answers: Record<string, string>;
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
  | { do: 'capacity'; slots: readonly string[]; capacity: number; isDryRun: boolean }
  | { do: 'lapse-holds' | 'lapse-entries' | 'release-allotments' | 'serve-queues' };

/** What a command is answered: `ok`, `booked 2b`, or the problem's name; nothing for the sweep. */
export type Answer = string;

/** Units of each slot that some drafts take together. */
export function unitsIn(drafts: readonly Pick<Draft, 'units'>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { units } of drafts)
    for (const [slot, count] of Object.entries(units)) sum[slot] = (sum[slot] ?? 0) + count;
  return sum;
}

/** A copy whose changes leave the original alone; what never changes is shared. */
export function copyOf(state: State): State {
  return {
    ...state,
    capacity: { ...state.capacity },
    allotments: state.allotments.map((kept) => ({ ...kept })),
    bookings: state.bookings.map((booking) => ({ ...booking })),
    entries: state.entries.map((entry) => ({ ...entry })),
    answers: { ...state.answers },
  };
}
