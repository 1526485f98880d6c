import type { OpenDb } from '../../db/db.ts';
import type { World } from './oracle-state.ts';
import { shownBooking } from './serial-orders.ts';

/** The names under which the model knows what the service made. */
export type Labels = ReturnType<typeof createLabels>;

export function createLabels() {
  const ids = new Map<string, string>();
  const bookings = new Map<string, string>();
  const entries = new Map<number, string>();
  return {
    /** Names the bookings of a command in order of their ids, unless they have names; returns the command that they are of. */
    ofBookings(made: readonly string[], command: string): string {
      for (const [index, id] of made.toSorted().entries()) {
        if (bookings.has(id)) continue;
        bookings.set(id, `${command}.${index}`);
        ids.set(`${command}.${index}`, id);
      }
      return (bookings.get(made.toSorted()[0]!) ?? '?').replace(/\.\d+$/, '');
    },
    ofEntry(id: number, command: string): string {
      if (!entries.has(id)) {
        entries.set(id, command);
        ids.set(command, String(id));
      }
      return entries.get(id)!;
    },
    idOf: (label: string): string => ids.get(label) ?? 'unknown',
    bookingLabelOf: (id: string): string => bookings.get(id) ?? `unknown ${id}`,
    entryLabelOf: (id: number): string => entries.get(id) ?? `unknown ${id}`,
  };
}

type SeenRows = {
  slots: { id: number; capacity: number; taken: number }[] | null;
  kept: { slotId: number; organisationId: string; units: number; taken: number }[] | null;
  bookings:
    | {
        id: string;
        bundleId: string | null;
        state: string;
        expiresAt: number | null;
        drawn: { slotId: number; units: number }[] | null;
      }[]
    | null;
  entries: { id: number; state: string; bypassed: number; offerId: string | null }[] | null;
};

/** What the database shows, in the words of the model's `shownState`. */
export async function seenState(db: OpenDb, world: World, labels: Labels): Promise<string[]> {
  const [seen] = await db.query<SeenRows>(`SELECT
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'capacity', capacity, 'taken', taken)) FROM slot) AS slots,
    (SELECT jsonb_agg(jsonb_build_object('slotId', slot_id, 'organisationId', organisation_id, 'units', units, 'taken', taken))
     FROM allotment) AS kept,
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'bundleId', bundle_id, 'state', state,
       'expiresAt', (extract(epoch FROM expires_at) * 1000)::bigint, 'drawn', (
         SELECT jsonb_agg(jsonb_build_object('slotId', slot_id, 'units', units)) FROM allotment_draw WHERE booking_id = booking.id))
       ORDER BY id) FROM booking) AS bookings,
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'state', state, 'bypassed', bypassed, 'offerId', offer_booking_id) ORDER BY id)
     FROM waitlist_entry) AS entries`);
  const { slots, kept, bookings, entries } = seen!;
  for (const { id, offerId } of entries ?? []) {
    const made = (bookings ?? []).filter((booking) => booking.id === offerId || booking.bundleId === offerId);
    if (offerId !== null)
      labels.ofBookings(
        made.map((booking) => booking.id),
        labels.entryLabelOf(id),
      );
  }
  const slotOf = new Map((slots ?? []).map((slot) => [slot.id, slot]));
  const nameOf = new Map(Object.entries(world.slots).map(([name, { id }]) => [id, name]));
  return [
    ...[...nameOf].map(([id, name]) => `slot ${name}: ${slotOf.get(id)?.taken} of ${slotOf.get(id)?.capacity}`),
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
  ];
}
