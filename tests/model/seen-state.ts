import type { OpenDb } from '../../db/db.ts';
import { insteadLabel, offerLabel } from './oracle-state.ts';
import { shownBooking, shownSize } from './serial-orders.ts';
import type { World } from './world.ts';

/** The names under which the model knows what the service made. */
export type Labels = ReturnType<typeof createLabels>;

export function createLabels() {
  const ids = new Map<string, string>();
  const bookings = new Map<string, string>();
  const entries = new Map<number, string>();
  const changes = new Map<string, string>();
  return {
    /** Names the bookings of a command or an offer in order of their ids, unless they have names; returns what they are of. */
    ofBookings(made: readonly string[], of: string): string {
      for (const [index, id] of made.toSorted().entries()) {
        if (bookings.has(id)) continue;
        bookings.set(id, `${of}.${index}`);
        ids.set(`${of}.${index}`, id);
      }
      return (bookings.get(made.toSorted()[0]!) ?? '?').replace(/\.\d+$/, '');
    },
    ofEntry(id: number, label: string): string {
      if (!entries.has(id)) {
        entries.set(id, label);
        ids.set(label, String(id));
      }
      return entries.get(id)!;
    },
    ofChange(id: string, command: string): void {
      changes.set(id, command);
      ids.set(`change ${command}`, id);
    },
    idOf: (label: string): string => ids.get(label) ?? 'unknown',
    bookingLabelOf: (id: string): string => bookings.get(id) ?? `unknown ${id}`,
    entryLabelOf: (id: number): string => entries.get(id) ?? `unknown ${id}`,
    changeLabelOf: (id: string | null): string | null => (id === null ? null : (changes.get(id) ?? `unknown ${id}`)),
  };
}

type SeenEntry = { id: number; state: string; bypassed: number; offerId: string | null };
type SeenChange = {
  id: string;
  displaced: { bookingId: string; state: string; alternative: { entryId: number } | null }[];
  undoneBy: string | null;
};

type SeenRows = {
  slots: { id: number; capacity: number; taken: number; state: string; closedReason: string | null }[] | null;
  kept: { slotId: number; organisationId: string; units: number; taken: number }[] | null;
  bookings:
    | {
        id: string;
        bundleId: string | null;
        state: string;
        expiresAt: number | null;
        /** The entry to whose owner it was offered before it gave way. */
        returnedTo: number | null;
        drawn: { slotId: number; units: number }[] | null;
      }[]
    | null;
  entries: SeenEntry[] | null;
  changes: SeenChange[] | null;
};

/** What the database shows, in the words of the model's `shownState`. */
export async function seenState(db: OpenDb, world: World, labels: Labels): Promise<string[]> {
  const [seen] = await db.query<SeenRows>(`SELECT
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'capacity', capacity, 'taken', taken, 'state', state,
       'closedReason', closed_reason)) FROM slot) AS slots,
    (SELECT jsonb_agg(jsonb_build_object('slotId', slot_id, 'organisationId', organisation_id, 'units', units, 'taken', taken))
     FROM allotment) AS kept,
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'bundleId', bundle_id, 'state', state,
       'expiresAt', (extract(epoch FROM expires_at) * 1000)::bigint,
       'returnedTo', (SELECT (facts->>'returnedTo')::bigint FROM event WHERE site_id = booking.site_id AND booking_id = booking.id AND type = 'booking.displaced'
         ORDER BY id DESC LIMIT 1),
       'drawn', (
         SELECT jsonb_agg(jsonb_build_object('slotId', slot_id, 'units', units)) FROM allotment_draw WHERE booking_id = booking.id))
       ORDER BY id) FROM booking) AS bookings,
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'state', state, 'bypassed', bypassed, 'offerId', offer_booking_id) ORDER BY id)
     FROM waitlist_entry) AS entries,
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'undoneBy', (SELECT id FROM capacity_change u WHERE u.site_id = c.site_id AND u.undoes = c.id),
       'displaced', receipt->'displaced')) FROM capacity_change c) AS changes`);
  const { slots, kept, bookings, entries, changes } = seen!;
  nameOffers(labels, seen!);
  const slotOf = new Map((slots ?? []).map((slot) => [slot.id, slot]));
  const nameOf = new Map(Object.entries(world.slots).map(([name, { id }]) => [id, name]));
  return [
    ...[...nameOf].map(([id, name]) => {
      const { taken, capacity, state, closedReason } = slotOf.get(id)!;
      return `slot ${name}: ${taken} of ${shownSize({ capacity, closed: state === 'closed' ? closedReason : null })}`;
    }),
    ...(kept ?? [])
      .map(
        ({ slotId, organisationId, units, taken }) =>
          `kept ${nameOf.get(slotId)} for ${organisationId}: ${taken} of ${units}`,
      )
      .toSorted(),
    ...(bookings ?? [])
      .map(
        ({ id, drawn, ...booking }) =>
          `booking ${labels.bookingLabelOf(id)}: ${shownBooking(
            booking,
            (drawn ?? []).map(({ slotId, units }) => ({ slot: nameOf.get(slotId) ?? '?', units })),
          )}`,
      )
      .toSorted(),
    ...(entries ?? []).map(
      ({ id, state, bypassed }, index) =>
        `entry ${index} ${labels.entryLabelOf(id)}: ${state}${state === 'waiting' ? `, passed ${bypassed}` : ''}`,
    ),
    ...(changes ?? [])
      .map(({ id, displaced, undoneBy }) => {
        const booked = displaced.filter(({ state }) => state === 'confirmed');
        const gaveWay = booked.map(({ bookingId }) => labels.bookingLabelOf(bookingId)).join();
        return `change ${labels.changeLabelOf(id)}: displaced ${gaveWay}; undone by ${labels.changeLabelOf(undoneBy)}`;
      })
      .toSorted(),
  ];
}

/** Names the places in the queue that were made for those who gave way, and all bookings that came of an offer. */
function nameOffers(labels: Labels, { entries, bookings, changes }: SeenRows): void {
  const instead = (changes ?? []).flatMap(({ displaced }) =>
    displaced.flatMap(({ bookingId, alternative }) =>
      alternative ? [{ bookingId, entryId: alternative.entryId }] : [],
    ),
  );
  for (const { id, offerId } of entries ?? []) {
    const insteadOf = instead.find(({ entryId }) => entryId === id)?.bookingId;
    if (insteadOf !== undefined) {
      const number = instead.filter(({ bookingId, entryId }) => bookingId === insteadOf && entryId <= id).length;
      labels.ofEntry(id, insteadLabel(labels.bookingLabelOf(insteadOf), number));
    }
    const offers = (bookings ?? []).filter((booking) => booking.returnedTo === id || booking.id === offerId);
    for (const [index, first] of offers.entries()) {
      const made = (bookings ?? []).filter((booking) => booking === first || booking.bundleId === first.id);
      labels.ofBookings(
        made.map((booking) => booking.id),
        offerLabel(labels.entryLabelOf(id), index + 1),
      );
    }
  }
}
