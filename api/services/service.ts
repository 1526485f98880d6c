import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import type { WorkingDays } from '../calendar/working-days.ts';
import type { Alternatives } from '../engine/alternatives.ts';
import type { DisplacementOrder } from '../engine/displace.ts';
import type { Booking, BookingDraft, Slot } from '../engine/types.ts';
import type { SlotSource } from '../engine/kept-slots.ts';
import type { NoShowBar } from '../engine/types.ts';
import type { SlotDraft } from '../engine/publish-slots.ts';
import type { Gates } from '../gates/gate.ts';
import type { Localized, ServiceKind } from '../http/schemas.ts';
import type { Caller } from '../people/caller.ts';
import type { Wishes } from './wishes.ts';

/** One park-and-neighbourhood, as every verb needs it. */
export type Site = {
  id: number;
  code: string;
  name: Localized;
  timeZone: string;
  currency: string;
  walkingMetresPerMinute: number;
};

/** The rules that a resource's slots are made from; `rule` is the service's own. */
export type Schedule = {
  id: string;
  basis: 'workday' | 'weekday' | 'daily';
  validFrom: IsoDate | null;
  validTo: IsoDate | null;
  capacity: number;
  priceFen: number;
  publishedFrom: IsoDate | null;
  publishedTo: IsoDate | null;
  rule: unknown;
};

/** Something that can be booked, with its schedules; `facts` are the service's own. */
export type Resource = {
  id: string;
  kind: string;
  parentId: string | null;
  organisationId: string;
  name: Localized;
  place: { name: Localized; lat: number | null; lng: number | null } | null;
  facts: unknown;
  schedules: readonly Schedule[];
};

/** All of a site's resources by id, in the order to show them. */
export type Catalogue = ReadonlyMap<string, Resource>;

/**
 * What a verb works with: the database, the place, its calendar and resources, and the present instant. `slots` may be some seconds old:
 * for drafting, not for counting.
 */
export type Context = {
  db: Db;
  slots: SlotSource;
  site: Site;
  catalogue: Catalogue;
  calendar: WorkingDays;
  now: Instant;
};

/** A line of a booking with what its slot says. */
export type KeptLine = {
  slotId: number;
  resourceId: string;
  units: number;
  startsAt: Instant;
  endsAt: Instant;
  serviceDate: IsoDate;
};

/** A booking with its lines, as it is kept. */
export type PlacedBooking = Omit<Booking, 'lines'> & { lines: KeptLine[] };

/** What a slot's draft does not know of itself. */
export type PublishedSlot = Omit<SlotDraft, 'resourceId' | 'kind'>;

/** Dates to publish, both inclusive. */
export type DateRange = { from: IsoDate; to: IsoDate };

/** A wish that a rule of the service turns down, before the engine is asked; `until` is RFC 3339, for a rule that ends by itself. */
export type WishRefusal =
  { ok: false; problem: 'rule'; rule: string; until?: string } | { ok: false; problem: 'not-found' };

/** What to ask the engine for, and how long an offer is held if the caller has to wait for it. */
export type Wish = { ok: true; draft: BookingDraft; offerMinutes: number; bars?: readonly NoShowBar[] } | WishRefusal;

/** What changes seldom: the place, what it offers and its calendar. */
export type Surroundings = { site: Site; catalogue: Catalogue; calendar: WorkingDays };

/** What a service works with when nobody asks it: the database, the place, the present, and the ways to the gates of lots. */
export type SweepWork = Context & { gates: Gates };

/** What a service gives the engine and the common routes. `Request` is its branch of `POST /bookings`. */
export type Service<Request extends { kind: ServiceKind }> = {
  kind: Request['kind'];
  /** Kinds of resource that it has beside its own, e.g. a canteen's dishes: counted, not listed. */
  partKinds: readonly string[];
  /** How many days of slots a list shows when it is not told. */
  browseDays: number;
  /** Roles whose holders may change the capacity of its resources, within their organisation. */
  managedBy: readonly string[];
  /** The slots that a schedule calls for on some dates. Pure. */
  slotsOf(
    resource: Resource,
    schedule: Schedule,
    dates: DateRange,
    calendar: WorkingDays,
    zone: string,
  ): PublishedSlot[];
  /** Turns a caller's wish into units, claims and a price. */
  draft(context: Context, caller: Caller, request: Request): Promise<Wish>;
  /**
   * What it adds to a resource's common fields on a date: public facts and the sentences to show before confirming; and a name, if it is
   * called something else then.
   */
  presentResource(
    resource: Resource,
    today: IsoDate,
  ): { facts: object; rules: { name: string; text: Localized }[]; name?: Localized };
  /** What it adds to a slot's common fields. */
  presentSlot(slot: Slot, zone: string): object;
  /** The `details` of a booking. */
  presentBooking(
    booking: Pick<Booking, 'startsAt' | 'endsAt' | 'details'>,
    zone: string,
  ): { title: Localized; details: object };
  /** Who gives way first when a resource has to hold less. */
  displaceFirst(resource: Resource): DisplacementOrder;
  /** Whether a booking never gives way (domain.md: accessible needs). */
  isProtected(details: unknown): boolean;
  /** Why somebody may not take what was offered to them in the queue; null when they may. */
  mayNotTake?(context: Context, personId: string, booking: PlacedBooking): Promise<WishRefusal | null>;
  /** What to offer instead of some bookings, nearest first; for all of them in a few queries. */
  alternatives(context: Context, bookings: readonly PlacedBooking[]): Promise<Map<string, Alternatives>>;
  /** What a refusal of a wish adds to its problem document, e.g. which nights of a month are in the way. */
  explain?(context: Context, request: Request, refusedSlotId: number | null): Promise<object>;
  /** Counts that somebody found a slot full; who it was is not written down. */
  refused?(
    wishes: Wishes,
    context: Context,
    request: Request,
    refused: { slotId: number; personId: string },
  ): Promise<void>;
  /** Does what follows from bookings that were just made, or found again by a retry; must be harmless when it is repeated. */
  settle?(context: Context, bookings: readonly Pick<PlacedBooking, 'id' | 'details'>[]): Promise<void>;
  /** Does what follows from a cancellation, in its transaction. @returns the rule that forbids it: then nothing of it stands. */
  cancelled?(tx: Db, context: Context, booking: PlacedBooking): Promise<string | null>;
  /** What it does every minute, with what was asked for in vain. Idempotent, and safe to run from many processes at once. */
  sweep?(work: SweepWork, wishes: Wishes): Promise<void>;
  /** When it next has something to do at a moment of its own; null when nothing is known of. */
  nextMoment?(work: Context): Promise<Instant | null>;
  /** What it does at that moment: to the second where a process runs all the time; every sweep does it as well. */
  atNextMoment?(work: Context): Promise<void>;
  /** What it does soon after bookings have changed; so too. */
  followBookings?(work: SweepWork): Promise<void>;
  /** Why its rules refuse, in words that say what to do; by rule name. */
  refusals: Readonly<Record<string, Localized>>;
};
