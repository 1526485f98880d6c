import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { decideWhoReturns, giveUpAlternatives } from './bring-back.ts';
import type { ChangeReceipt } from './capacity-change-rows.ts';
import { decideMoves, type Moves, type Remade } from './decide-moves.ts';
import {
  carryOutDisplacement,
  maxInTheWay,
  planOffers,
  type Displaced,
  type DisplacementRules,
} from './displace-bookings.ts';
import {
  bookingsInTheWay,
  holdingsOf,
  slotsOfAlternatives,
  type BookingInTheWay,
  type Holdings,
} from './displacement-rows.ts';
import { lockBookingsOf, tellMoved, writeMoves, type MovingBooking } from './moved-rows.ts';
import { planTag } from './plan-capacity-change.ts';
import { promote, type Offer } from './promote.ts';
import { expectQueuesWithin, lockWithQueues, slotsWaitedForBy, slotsWantedBy } from './queue-rows.ts';
import { claimsInTheWay } from './read-situation.ts';
import { touchedBy } from './release.ts';
import { renewSlots, type Renewal } from './renew-slots.ts';
import { lockEntriesAround, reshapeQueues, type Waiting } from './reshape-queues.ts';
import type { NotRestored } from './restore.ts';
import { writeRestored } from './restored-rows.ts';
import { lockSlots } from './slot-rows.ts';
import { isTouched, planSlot, writeTargets, type ChangeStamp, type SlotTarget } from './slot-targets.ts';
import type { Booking, BookingDraft, Claim, Slot } from './types.ts';

/** What a slot becomes: its terms, null to leave them, and whether it is closed. */
export type Shape = { terms: Renewal['draft'] | null; target: SlotTarget };

/** A booking of slots that change, or a wish of the queue for them. */
export type Remakable = Pick<BookingDraft, 'lines' | 'claims'> &
  Pick<Booking, 'details'> & { state: 'held' | 'confirmed' | 'waiting' };

/** Some slots that become others, and what that makes of those who have them. */
export type Reshape = ChangeStamp & {
  actorRole: string;
  shapeOf: (slot: Slot) => Shape;
  slotIds: readonly number[];
  /** Slots that may be offered instead; they are locked too, since what is free there is decided on. */
  alternativeIds: readonly number[];
  /** What a booking or a wish comes to on the slots as they shall be; null when it is not there any more. Pure. */
  remake: (booking: Remakable, slots: ReadonlyMap<number, Slot>) => Remade | null;
  alternatives: DisplacementRules['alternatives'];
  /** Whether somebody may lose what they have booked; not when a change is taken back. */
  mayDisplace: boolean;
  /** Those who gave way to the change that is taken back. */
  giveBack: ChangeReceipt['displaced'];
  /** The versions that the caller has seen (`planTag`); null to change whatever is there. */
  expectedTag: string | null;
};

/** Somebody who moved along. */
export type MovedAlong = {
  bookingId: string;
  personId: string;
  state: BookingInTheWay['state'];
  units: number;
  from: Instant;
  to: Instant;
};

/** What was done, or would be done just so. */
export type Reshaped = {
  ok: true;
  moved: MovedAlong[];
  displaced: (Displaced & Holdings)[];
  leftQueue: Waiting[];
  /** Who waits on for what is at another time now. */
  movedQueue: Waiting[];
  restored: { bookingId: string; personId: string }[];
  notRestored: { bookingId: string; personId: string; why: NotRestored }[];
  promoted: Offer[];
  /** The slots' versions as they were, and as they are: what a dry run's caller, and another one's, has seen. */
  tagBefore: string;
  tag: string;
};

export type ReshapeOutcome =
  | Reshaped
  | { ok: false; problem: 'stale'; tag: string }
  | { ok: false; problem: 'rule'; rule: 'boarding-began' | 'booked-since' | 'too-many-displaced' };

/**
 * Gives slots other times, turns them into something else or closes them, with all that follows, in the caller's transaction: whose booking
 * is still there moves along and is told, with its claims; whoever cannot (it is gone, or they are elsewhere at the new time) gives way with
 * the nearest alternative held; wishes of the queue are drawn up anew or leave it, which the caller tells; what comes free is offered.
 * Nothing is reshaped once somebody has come. Lock order: slots, queues, bookings. A dry run does the same in a transaction that is undone.
 */
export async function reshapeSlots(tx: Db, reshape: Reshape): Promise<ReshapeOutcome> {
  const { siteId, slotIds, at } = reshape;
  const lost = reshape.giveBack.filter(({ state }) => state === 'confirmed').toReversed();
  const slots = await lockAll(tx, reshape, lost);
  if (slots === 'too-many') return { ok: false, problem: 'rule', rule: 'too-many-displaced' };
  const own = slotIds.flatMap((id) => slots.get(id) ?? []);
  const tag = planTag(own);
  if (reshape.expectedTag !== null && reshape.expectedTag !== tag) return { ok: false, problem: 'stale', tag };
  await lockEntriesAround(tx, siteId, slotIds);
  const { hasBegun } = await lockBookingsOf(tx, siteId, slotIds);
  if (hasBegun) return { ok: false, problem: 'rule', rule: 'boarding-began' };
  const { freed } = await touching(tx, reshape, lost);
  await expectQueuesWithin(tx, siteId, freed, slots);

  const { moves, holdings } = await decide(tx, reshape, withShapes(slots, reshape));
  if (!reshape.mayDisplace && moves.displaced.some(({ state }) => state === 'confirmed'))
    return { ok: false, problem: 'rule', rule: 'booked-since' };
  await writeShapes(tx, reshape, own);
  const shaped = await lockSlots(tx, siteId, slots.keys());
  const displaced = await displaceAndMove(tx, reshape, { moves, holdings, shaped });
  const remakeWish = (draft: BookingDraft) => reshape.remake({ ...draft, state: 'waiting' }, shaped);
  const queues = await reshapeQueues(tx, reshape, slotIds, shaped, remakeWish);
  const returned = await giveBack(tx, reshape, lost);
  const promoted = await promote(tx, siteId, freed, at);
  return {
    ok: true,
    moved: moves.moved.map(shownMove),
    displaced,
    leftQueue: queues.left,
    movedQueue: queues.moved,
    ...returned,
    promoted,
    tagBefore: tag,
    tag: planTag(slotIds.flatMap((id) => shaped.get(id) ?? [])),
  };
}

/** Everything that can be touched, in one go and in id order. */
async function lockAll(tx: Db, reshape: Reshape, lost: Reshape['giveBack']): Promise<Map<number, Slot> | 'too-many'> {
  const { siteId, alternativeIds } = reshape;
  const { freed, count } = await touching(tx, reshape, lost);
  if (count > maxInTheWay) return 'too-many';
  return lockWithQueues(tx, siteId, [...freed, ...alternativeIds]);
}

/** The slots whose queues may be served because of it: of those who have them, of what they wait for, of what comes back. */
async function touching(tx: Db, { siteId, slotIds }: Reshape, lost: Reshape['giveBack']) {
  const bookings = await bookingsInTheWay(tx, siteId, slotIds, maxInTheWay + 1);
  const returning = lost.flatMap(({ bookingId, alternative }) =>
    alternative ? [bookingId, alternative.bookingId] : [bookingId],
  );
  const back = returning.length > 0 ? await touchedBy(tx, siteId, returning) : { slotIds: [], personIds: [] };
  const people = [...new Set([...bookings.map(({ personId }) => personId), ...back.personIds])];
  const waitedFor = people.length > 0 ? await slotsWaitedForBy(tx, siteId, people) : [];
  const booked = bookings.flatMap(({ lines, wish }) => [
    ...lines.map(({ slotId }) => slotId),
    ...(wish ? slotsWantedBy(wish) : []),
  ]);
  return { freed: [...new Set([...slotIds, ...booked, ...back.slotIds, ...waitedFor])], count: bookings.length };
}

/** All locked slots, those that change as they shall be. */
function withShapes(slots: ReadonlyMap<number, Slot>, { slotIds, shapeOf }: Reshape): Map<number, Slot> {
  const shaped = new Map(slots);
  for (const id of slotIds) {
    const slot = slots.get(id);
    if (!slot) continue;
    const { terms, target } = shapeOf(slot);
    shaped.set(id, { ...slot, ...terms, ...target });
  }
  return shaped;
}

type Remaking = BookingInTheWay & { remade: Remade | null };

async function decide(
  tx: Db,
  { siteId, slotIds, remake }: Reshape,
  shaped: ReadonlyMap<number, Slot>,
): Promise<{ moves: Moves<Remaking>; holdings: Map<string, Holdings> }> {
  const bookings = await bookingsInTheWay(tx, siteId, slotIds, maxInTheWay);
  const ids = bookings.map(({ id }) => id);
  const holdings = await holdingsOf(tx, siteId, ids);
  const remaking = bookings.map((booking): Remaking => {
    const { lines, details, state } = booking;
    return {
      ...booking,
      remade: remake({ lines, details, state, claims: holdings.get(booking.id)?.claims ?? [] }, shaped),
    };
  });
  const asked = remaking.flatMap(({ remade }): Claim[] => remade?.claims ?? []);
  const among = new Set(ids);
  const elsewhere = await claimsInTheWay(tx, siteId, asked);
  const moves = decideMoves(
    remaking,
    elsewhere.filter(({ bookingId }) => !among.has(bookingId)),
  );
  return { moves, holdings };
}

async function writeShapes(tx: Db, reshape: Reshape, own: readonly Slot[]): Promise<void> {
  const shapes = own.map((slot) => ({ slot, ...reshape.shapeOf(slot) }));
  const renewals = shapes.flatMap(({ slot, terms }) => (terms ? [{ slot, draft: terms }] : []));
  await renewSlots(tx, reshape, renewals, true);
  const planned = shapes.map(({ slot, target }) => planSlot(slot, target)).filter(isTouched);
  if (planned.length > 0) await writeTargets(tx, reshape, planned);
}

type Deciding = { moves: Moves<Remaking>; holdings: Map<string, Holdings>; shaped: ReadonlyMap<number, Slot> };

/** Ends those who give way, moves the others and holds what is offered instead, in the order that the claims need. */
async function displaceAndMove(tx: Db, reshape: Reshape, { moves, holdings, shaped }: Deciding) {
  const { siteId, at } = reshape;
  const { displaced } = moves;
  const owners = displaced.filter(({ state }) => state === 'confirmed').map(({ id }) => id);
  const alternatives = owners.length > 0 ? await reshape.alternatives(tx, owners) : new Map();
  if (slotsOfAlternatives(alternatives.values()).some((id) => !shaped.has(id)))
    throw new Error('an alternative needs slots that are not locked');
  const moved = new Map(moves.moved.map(({ id, personId, remade: { claims } }) => [id, { personId, claims }]));
  const offering = { displaced, holdings, alternatives, locked: shaped, moved };
  const offers = await planOffers(tx, { siteId, at }, offering);
  const chosen = displaced.map((booking, index) => ({ booking, position: index + 1 }));
  const plan = { chosen, of: displaced.length, holdings, offers, freedSlotIds: [] };
  const done = await carryOutDisplacement(tx, reshape, plan, () =>
    writeMoves(
      tx,
      reshape,
      moves.moved.map((booking) => movingOf(booking, shaped)),
    ),
  );
  return done.map((each) => ({ ...each, ...(holdings.get(each.bookingId) ?? { claims: [], draws: [] }) }));
}

function movingOf(booking: Remaking & { remade: Remade }, shaped: ReadonlyMap<number, Slot>): MovingBooking {
  const closings = booking.lines.flatMap(({ slotId }) => shaped.get(slotId)?.closesAt ?? []);
  return { ...booking, closesAt: Math.min(...closings) };
}

function shownMove({ id, personId, state, lines, startsAt, remade }: Remaking & { remade: Remade }): MovedAlong {
  const units = Math.max(...lines.map((line) => line.units));
  return { bookingId: id, personId, state, units, from: startsAt, to: remade.startsAt };
}

/** Those who gave way to what is taken back have their bookings again, unless they have something else by now. */
async function giveBack(
  tx: Db,
  reshape: Reshape,
  lost: Reshape['giveBack'],
): Promise<Pick<Reshaped, 'restored' | 'notRestored'>> {
  const { siteId } = reshape;
  if (lost.length === 0) return { restored: [], notRestored: [] };
  const { slotIds } = await touchedBy(
    tx,
    siteId,
    lost.flatMap(({ bookingId, alternative }) => (alternative ? [bookingId, alternative.bookingId] : [bookingId])),
  );
  const decision = await decideWhoReturns(tx, reshape, lost, await lockSlots(tx, siteId, slotIds));
  await giveUpAlternatives(tx, reshape, decision);
  await writeRestored(tx, reshape, decision.restored);
  const restored = decision.restored.map(({ booking: { bookingId, personId } }) => ({ bookingId, personId }));
  await tellMoved(
    tx,
    reshape,
    restored.map(({ bookingId: id, personId }) => ({ id, personId, state: 'confirmed' })),
  );
  const ownerOf = new Map(lost.map(({ bookingId, personId }) => [bookingId, personId]));
  const notRestored = decision.notRestored.map((each) => ({ ...each, personId: ownerOf.get(each.bookingId) ?? '' }));
  return { restored, notRestored };
}
