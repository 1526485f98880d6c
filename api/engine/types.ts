import type { bookingStates } from '../../db/schema/index.ts';
import type { Queries } from '../../db/db.ts';
import type { HalfOpen, Instant, IsoDate } from '../calendar/time.ts';

/** One dated unit of inventory as the engine sees it. */
export type Slot = {
  id: number;
  resourceId: string;
  kind: string;
  serviceDate: IsoDate;
  part: string;
  startsAt: Instant;
  endsAt: Instant;
  capacity: number;
  taken: number;
  opensAt: Instant;
  closesAt: Instant;
  cancelUntil: Instant;
  /** Price of one unit in fen. */
  priceFen: number;
  state: 'active' | 'closed';
  closedReason: string | null;
  isProvisional: boolean;
  /** What the service added when it published the slot; the engine only sees whether it is the same. */
  facts: unknown;
  version: number;
};

/** What a booking is drafted from, beside its units: if it changes, the booking has to be drafted anew. */
export type SlotTerms = Pick<
  Slot,
  'startsAt' | 'endsAt' | 'cancelUntil' | 'priceFen' | 'isProvisional' | 'facts' | 'version'
>;

/** Units of one slot, its terms when the line was drafted, and what it has to leave to others. */
export type Line = { slotId: number; units: number; terms?: SlotTerms; leaves?: Leaves };

/** So many units of a slot stay free for others when a line has taken its own; `rule` is the one that refuses it otherwise. */
export type Leaves = { units: number; rule: string };

/** Who may not be in two places of one scope at a time. */
export type Claim = { claimantId: string; scope: string; during: HalfOpen };

/**
 * At most `max` bookings of one person in a period: each of them claims one of `max` places in it, so that the claim guard of the
 * database enforces limits as well.
 */
export type Limit = { rule: string; personId: string; scope: string; max: number; during: HalfOpen };

/** One booking that a service asks for: all of its lines and claims, or nothing. */
export type BookingDraft = {
  kind: string;
  lines: Line[];
  claims: Claim[];
  /** How many such bookings a person may have in a period; the engine holds them to it. */
  limits?: Limit[];
  /** Total in fen. */
  priceFen: number;
  startsAt: Instant;
  endsAt: Instant;
  serviceDate: IsoDate;
  cancelUntil: Instant;
  isProvisional: boolean;
  /** What the service needs to show the booking later, as it is now. */
  details: object;
};

/** A caller's retry key, as 16-byte hashes in uuid form: of caller and key, and of the request that it came with. */
export type Idempotency = { key: string; request: string };

/** What keeps people from booking for the no-shows on their record. A batch looks at the records of all its people at once. */
export type NoShowBar = {
  /** The rule that refuses them. */
  rule: string;
  /** Which part of a day plan it is about, from 0 on; left out of a single wish. */
  part?: number;
  /** Only no-shows that start later than this can matter, */
  since: Instant;
  /** and nobody is barred who has fewer of them. */
  atLeast: number;
  /** The starts of those that count, by person: asked once for all whose bars share it. */
  countedOf: (
    tx: Queries,
    siteId: number,
    personIds: readonly string[],
    since: Instant,
  ) => Promise<ReadonlyMap<string, readonly Instant[]>>;
  /** Until when somebody with these no-shows is barred, as it is told; null when they are not. */
  until: (counted: readonly Instant[]) => string | null;
};

/** No-shows that could bar somebody: so many since then. */
export type Suspicion = Pick<NoShowBar, 'since' | 'atLeast'>;

/** One person's wish: one booking, or the parts of a day plan, all or nothing. */
export type AdmissionRequest = {
  siteId: number;
  personId: string;
  /** Who asks: the person, or staff on their behalf. */
  actorId: string;
  at: Instant;
  drafts: BookingDraft[];
  /** Organisations whose allotments the person may draw on. */
  groups?: readonly string[];
  /** When the bookings lapse unless they are confirmed; left out to confirm them at once. */
  heldUntil?: Instant;
  /** To wait in line if a slot is full, and how long an offer is then held; left out to be refused. */
  waitlist?: { offerMinutes: number };
  idempotency: Idempotency | null;
  /** What may bar the person from it, by what is on their record. */
  bars?: readonly NoShowBar[];
};

export type BookingState = (typeof bookingStates)[number];

/** The states in which a booking has taken place or may still. */
export const liveStates: readonly BookingState[] = ['held', 'confirmed', 'checked_in', 'completed'];

/** The states in which a booking holds its units and claims: a no-show's are not taken again. */
export const holdingStates: readonly BookingState[] = [...liveStates, 'no_show'];

/** A booking as it is kept. */
export type Booking = Omit<BookingDraft, 'claims' | 'details'> & {
  id: string;
  personId: string;
  state: BookingState;
  createdAt: Instant;
  changedAt: Instant;
  bundleId: string | null;
  details: unknown;
};

/** Why the engine refuses; the caller can do something about each of them. */
export type Refusal =
  | { ok: false; problem: 'slot-full'; slotId: number }
  | { ok: false; problem: 'overlap'; bookingId: string | null }
  | { ok: false; problem: 'unknown-slot'; slotId: number }
  | { ok: false; problem: 'rule'; rule: 'not-yet-open' | 'booking-closed' | 'slot-closed'; slotId: number }
  | { ok: false; problem: 'rule'; rule: string; slotId?: number; until?: string; part?: number }
  | { ok: false; problem: 'key-reused' }
  /** A slot has been edited since the request was drafted; it must be drafted anew. */
  | { ok: false; problem: 'stale-draft'; slotId: number };

/** A booking that was made just now; its lines say what their slots are. */
export type MadeBooking = {
  id: string;
  bundleId: string | null;
  draft: BookingDraft;
  lines: (Pick<Line, 'slotId' | 'units'> & Pick<Slot, 'resourceId' | 'startsAt' | 'endsAt' | 'serviceDate'>)[];
};

/** What came of a request: bookings, a place in the queue, or a refusal. What was made before is named by id only. */
export type Admission =
  | { ok: true; bookingIds: string[]; made: MadeBooking[]; replayed: false }
  | { ok: true; bookingIds: string[]; made: null; replayed: true }
  | { ok: true; entryId: number; replayed: boolean }
  | Refusal;

/** Thrown when the service is too busy to take a request now; nothing was done. */
export class Busy extends Error {
  override name = 'Busy';
}
