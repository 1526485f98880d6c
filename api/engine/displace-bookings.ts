import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { decideAlternatives, type Alternatives } from './alternatives.ts';
import { chooseDisplaced, type DisplacementOrder } from './displace.ts';
import {
  bookingsInTheWay,
  holdingsOf,
  lockOffersOf,
  offerInstead,
  returnToQueue,
  slotsOfAlternatives,
  type BookingInTheWay,
  type Holdings,
  type OfferedInstead,
} from './displacement-rows.ts';
import { unitsOf } from './drafts.ts';
import { writeNotices } from './notices.ts';
import { slotsById } from './find-slots.ts';
import { claimsToRead } from './limits.ts';
import type { Allotment } from './pool.ts';
import { MovedMeanwhile, slotsOfQueues, slotsWaitedForBy, slotsWantedBy } from './queue-rows.ts';
import { allotmentsAndQueuesOf, claimsInTheWay } from './read-situation.ts';
import { release } from './release.ts';
import type { BookingDraft, Claim, Slot } from './types.ts';
import type { NewBooking } from './booking-statement.ts';
import { writeBookings } from './write-bookings.ts';

/** How bookings give way: the declared order, whom it spares, and what is offered instead. */
export type DisplacementRules = {
  order: DisplacementOrder;
  /** Whether a booking is never displaced, e.g. for accessible needs. */
  isProtected: (booking: { kind: string; details: unknown }) => boolean;
  /** What is offered instead of some bookings, by booking; whoever is missing is offered nothing. */
  alternatives: (tx: Db, bookingIds: readonly string[]) => Promise<Map<string, Alternatives>>;
};

/** What is displaced for which slots, and at which instant. */
type Displacing = {
  siteId: number;
  slotIds: readonly number[];
  at: Instant;
  displacement: DisplacementRules | null;
};

/** A booking that gives way, as the plan shows it and the receipt keeps it. */
export type Displaced = {
  bookingId: string;
  personId: string;
  kind: string;
  /** `held`: it was only offered, and its owner is back in the queue. */
  state: BookingInTheWay['state'];
  /** Its place in the declared order, among so many who could have been displaced. */
  position: number;
  of: number;
  bookedAt: Instant;
  startsAt: Instant;
  endsAt: Instant;
  serviceDate: IsoDate;
  units: number;
  alternative: {
    bookingId: string;
    entryId: number;
    until: Instant;
    draft: Pick<BookingDraft, 'kind' | 'startsAt' | 'endsAt' | 'serviceDate' | 'priceFen' | 'details'>;
  } | null;
};

/** What was decided about those who are in the way. */
export type DisplacementPlan = {
  chosen: { booking: BookingInTheWay; position: number }[];
  of: number;
  holdings: ReadonlyMap<string, Holdings>;
  offers: readonly OfferedInstead[];
  /** Slots whose queues may be served because of it. */
  freedSlotIds: readonly number[];
};

/** What was seen before anything was locked: which slots to lock, and what could be offered to whom. */
export type Foresight = { slotIds: number[]; alternatives: Map<string, Alternatives> };

/** More bookings than one change may have in its way. */
export const maxInTheWay = 5_000;

/**
 * Looks ahead without a lock, so that everything can be locked in one go: the slots of those who may give way, of what may be offered to
 * them, and of the queues that are served because of it. What it misses, since people go on booking, is decided under the locks.
 */
export async function foresee(
  tx: Db,
  change: Displacing,
  excessOf: (slots: readonly Slot[]) => Map<number, number>,
): Promise<Foresight | 'too-many'> {
  const { siteId, slotIds, displacement } = change;
  const slots = await slotsById(tx, siteId, slotIds);
  const excess = excessOf(slots);
  if (displacement === null || excess.size === 0)
    return { slotIds: await slotsOfQueues(tx, siteId, slotIds), alternatives: new Map() };
  const bookings = await inTheWay(tx, siteId, excess, displacement);
  if (bookings === 'too-many') return 'too-many';
  const chosen = choose(bookings, excess, new Map(slots.map((slot) => [slot.id, slot])), change, displacement);
  // Of whoever was only offered something as well: it may be accepted before it is locked.
  const displaced = chosen.ok ? chosen.displaced.map(({ booking }) => booking) : [];
  const alternatives = await alternativesFor(tx, displaced, displacement);
  // Lines of all who are in the way, not of the chosen ones only: who comes in meanwhile is likely to use the same slots.
  const lines = bookings.flatMap((booking) => booking.lines.map(({ slotId }) => slotId));
  const touched = [...slotIds, ...lines, ...(await freedBy(tx, siteId, displaced))];
  const queues = await slotsOfQueues(tx, siteId, touched);
  return { slotIds: [...new Set([...queues, ...slotsOfAlternatives(alternatives.values())])], alternatives };
}

/**
 * Decides who gives way and what is held for them instead, under the slots' locks. `locked` are all locked slots, the changed ones as they
 * shall be. It writes nothing yet.
 */
export async function planDisplacement(
  tx: Db,
  change: Displacing,
  excess: ReadonlyMap<number, number>,
  locked: ReadonlyMap<number, Slot>,
  foresight: Foresight,
): Promise<DisplacementPlan | 'too-many' | 'impossible'> {
  const { siteId, displacement } = change;
  const nothing: DisplacementPlan = { chosen: [], of: 0, holdings: new Map(), offers: [], freedSlotIds: [] };
  if (excess.size === 0 || displacement === null) return nothing;
  await lockOffersOf(tx, siteId, [...excess.keys()]);
  const bookings = await inTheWay(tx, siteId, excess, displacement);
  if (bookings === 'too-many') return 'too-many';
  const chosen = choose(bookings, excess, locked, change, displacement);
  if (!chosen.ok) return 'impossible';
  const displaced = chosen.displaced.map(({ booking }) => booking);
  const freedSlotIds = await freedBy(tx, siteId, displaced);
  const unforeseen = displaced.filter(({ id, state }) => state === 'confirmed' && !foresight.alternatives.has(id));
  const late = await alternativesFor(tx, unforeseen, displacement);
  const needed = [...(await slotsOfQueues(tx, siteId, freedSlotIds)), ...slotsOfAlternatives(late.values())];
  if (needed.some((slotId) => !locked.has(slotId)))
    throw new MovedMeanwhile('a booking came in that needs slots which are not locked');
  const alternatives = new Map([...foresight.alternatives, ...late]);
  const holdings = await holdingsOf(
    tx,
    siteId,
    displaced.map(({ id }) => id),
  );
  const offers = await planOffers(tx, change, { displaced, holdings, alternatives, locked });
  return { chosen: chosen.displaced, of: chosen.of, holdings, offers, freedSlotIds };
}

/** Ends those who give way, lets the slots be changed, and holds what is offered instead. */
export async function carryOutDisplacement(
  tx: Db,
  change: { siteId: number; changeId: string; actorId: string; actorRole: string; reason: string; at: Instant },
  { chosen, of, offers }: DisplacementPlan,
  changeSlots: () => Promise<void>,
): Promise<Displaced[]> {
  const { siteId, changeId, actorId, actorRole, reason, at } = change;
  const offerFor = new Map(offers.map((offer) => [offer.displacedBookingId, offer]));
  const receiptOf = ({ booking, position }: (typeof chosen)[number]) => {
    const instead = offerFor.get(booking.id)?.bookingId ?? null;
    return { changeId, reason, actorRole, position, of, insteadId: instead, returnedTo: booking.entryId };
  };
  const bookingIds = chosen.map(({ booking }) => booking.id);
  const facts = new Map(chosen.map((each) => [each.booking.id, receiptOf(each)]));
  const ended = await release(tx, { siteId, bookingIds, actorId, at, to: 'displaced', facts });
  if (ended.length !== bookingIds.length) throw new MovedMeanwhile('a booking ended while it was displaced');
  const owners = chosen.map(({ booking }) => booking).filter(({ state }) => state === 'confirmed');
  await writeNotices(tx, siteId, { kind: 'displaced', at }, owners);
  const returned = chosen.flatMap(({ booking: { entryId, wish } }) => (entryId && wish ? [{ id: entryId, wish }] : []));
  await returnToQueue(tx, siteId, returned, { actorId, at });
  await changeSlots();
  await Promise.all(
    writeBookings(
      tx,
      siteId,
      offers.map((offer) => holdOf(offer, at)),
    ),
  );
  const entries = await offerInstead(tx, siteId, offers, at);
  return chosen.map(({ booking, position }) => {
    const offer = offerFor.get(booking.id);
    return { ...shownOf(booking), position, of, alternative: offer ? shownOffer(offer, entries) : null };
  });
}

function holdOf({ bookingId: id, personId, draft, draws, until }: OfferedInstead, at: Instant): NewBooking {
  return { id, personId, actorId: null, at, draft, draws, heldUntil: until, bundleId: null };
}

function shownOf(booking: BookingInTheWay): Omit<Displaced, 'position' | 'of' | 'alternative'> {
  const { id, personId, kind, state, createdAt, startsAt, endsAt, serviceDate, lines } = booking;
  const units = Math.max(...lines.map((line) => line.units));
  return { bookingId: id, personId, kind, state, bookedAt: createdAt, startsAt, endsAt, serviceDate, units };
}

function shownOffer(offer: OfferedInstead, entries: ReadonlyMap<string, number>): Displaced['alternative'] {
  const { bookingId, until } = offer;
  const { kind, startsAt, endsAt, serviceDate, priceFen, details } = offer.draft;
  const draft = { kind, startsAt, endsAt, serviceDate, priceFen, details };
  return { bookingId, entryId: entries.get(bookingId) ?? 0, until, draft };
}

type InTheWay = BookingInTheWay & { isProtected: boolean };

async function inTheWay(
  tx: Db,
  siteId: number,
  excess: ReadonlyMap<number, number>,
  { isProtected }: DisplacementRules,
): Promise<InTheWay[] | 'too-many'> {
  const bookings = await bookingsInTheWay(tx, siteId, [...excess.keys()], maxInTheWay + 1);
  if (bookings.length > maxInTheWay) return 'too-many';
  return bookings.map((booking) => ({ ...booking, isProtected: isProtected(booking) }));
}

function choose(
  bookings: readonly InTheWay[],
  excess: ReadonlyMap<number, number>,
  slots: ReadonlyMap<number, Slot>,
  { at }: Displacing,
  { order }: DisplacementRules,
) {
  return chooseDisplaced(bookings, excess, { order, slots, at });
}

async function alternativesFor(
  tx: Db,
  bookings: readonly BookingInTheWay[],
  rules: DisplacementRules,
): Promise<Map<string, Alternatives>> {
  const ids = bookings.map(({ id }) => id);
  return ids.length > 0 ? rules.alternatives(tx, ids) : new Map();
}

/** Slots whose queues may be served when these give way: their own, and what their owners wait for. */
async function freedBy(tx: Db, siteId: number, displaced: readonly BookingInTheWay[]): Promise<number[]> {
  const persons = [...new Set(displaced.map(({ personId }) => personId))];
  const waitedFor = persons.length > 0 ? await slotsWaitedForBy(tx, siteId, persons) : [];
  const own = displaced.flatMap(({ lines, wish }) => [
    ...lines.map(({ slotId }) => slotId),
    ...(wish ? slotsWantedBy(wish) : []),
  ]);
  return [...new Set([...own, ...waitedFor])];
}

type Offering = {
  /** In the order in which they are offered something. */
  displaced: readonly BookingInTheWay[];
  holdings: ReadonlyMap<string, Holdings>;
  alternatives: ReadonlyMap<string, Alternatives>;
  locked: ReadonlyMap<number, Slot>;
  /** What some bookings will claim that move to another time because of the same change, by booking. */
  moved?: ReadonlyMap<string, { personId: string; claims: readonly Claim[] }>;
};

/** What is held for whom, decided in memory on the inventory as it will be once they have given way. */
export async function planOffers(
  tx: Db,
  { siteId, at }: Pick<Displacing, 'siteId' | 'at'>,
  offering: Offering,
): Promise<OfferedInstead[]> {
  const { displaced, alternatives } = offering;
  const moved = offering.moved ?? new Map<string, { personId: string; claims: readonly Claim[] }>();
  // Whoever was only offered something goes back to the queue and needs no alternative.
  const wanting = displaced.flatMap(({ id, personId, state }) => {
    const own = state === 'confirmed' ? alternatives.get(id) : null;
    return own && own.drafts.length > 0 ? [{ bookingId: id, personId, alternatives: own }] : [];
  });
  if (wanting.length === 0) return [];
  const slotIds = slotsOfAlternatives(wanting.map((each) => each.alternatives));
  const drafts = wanting.flatMap((each) => each.alternatives.drafts);
  const [{ allotments, queues }, claims] = await Promise.all([
    allotmentsAndQueuesOf(tx, siteId, slotIds, at),
    claimsInTheWay(tx, siteId, claimsToRead(drafts)),
  ]);
  const gone = new Set([...displaced.map(({ id }) => id), ...moved.keys()]);
  const movedClaims = [...moved].flatMap(([bookingId, { personId, claims: own }]) =>
    own.map((claim) => ({ ...claim, bookingId, personId })),
  );
  const returning = displaced.flatMap(({ wish }) => (wish ? slotsWantedBy(wish) : []));
  const held = decideAlternatives(wanting, {
    slots: withoutUnitsOf(offering),
    allotments: withoutDrawsOf(offering, allotments),
    claims: [...claims.filter(({ bookingId }) => !gone.has(bookingId)), ...movedClaims],
    queued: new Set([...queues.flatMap((queue) => queue.slotIds), ...returning]),
    at,
  });
  return wanting.flatMap(({ bookingId, personId }) => {
    const alternative = held.get(bookingId);
    return alternative ? [{ ...alternative, bookingId: newId(), personId, displacedBookingId: bookingId }] : [];
  });
}

function withoutUnitsOf({ displaced, locked }: Offering): Map<number, Slot> {
  const units = unitsOf(displaced);
  return new Map([...locked].map(([id, slot]) => [id, { ...slot, taken: slot.taken - (units.get(id) ?? 0) }]));
}

function withoutDrawsOf({ displaced, holdings }: Offering, allotments: readonly Allotment[]): Allotment[] {
  const draws = displaced.flatMap(({ id }) => holdings.get(id)?.draws ?? []);
  return allotments.map((allotment) => {
    const own = draws.filter(
      ({ slotId, organisationId }) => slotId === allotment.slotId && organisationId === allotment.organisationId,
    );
    return { ...allotment, taken: allotment.taken - own.reduce((sum, { units }) => sum + units, 0) };
  });
}
