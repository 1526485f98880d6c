import type { Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';

/** A car that went through a gate; `id` names the sight, so that one that is told twice counts once. */
export type Movement = { id: number | string; kind: 'entry' | 'exit'; at: Instant };

/** Whether a car is in, and what is known of when it came and went. */
export type Presence = {
  /** The first entry; null when only an exit is known. */
  enteredAt: Instant | null;
  /** The last entry. */
  lastInAt: Instant | null;
  /** The last exit; null while it is inside. */
  leftAt: Instant | null;
  isInside: boolean;
};

/** The presence of a booking's car in the lot. */
export type StayPresence = Presence & { bookingId: string; lotId: string };

/**
 * What a booking's movements come to, whatever their order and however often each is told: the last one by (at, kind, id) says whether the
 * car is inside. Of an entry and an exit at one instant the exit is last. Null when there are none. Pure.
 */
export function presenceOf(movements: readonly Movement[]): Presence | null {
  const entries = movements.filter(({ kind }) => kind === 'entry').map(({ at }) => at);
  const exits = movements.filter(({ kind }) => kind === 'exit').map(({ at }) => at);
  if (entries.length + exits.length === 0) return null;
  const lastInAt = latest(entries);
  const lastOutAt = latest(exits);
  const isInside = lastInAt !== null && (lastOutAt === null || lastInAt > lastOutAt);
  return { enteredAt: earliest(entries), lastInAt, leftAt: isInside ? null : lastOutAt, isInside };
}

const earliest = (instants: readonly Instant[]): Instant | null =>
  instants.reduce<Instant | null>((first, at) => (first === null || at < first ? at : first), null);

const latest = (instants: readonly Instant[]): Instant | null =>
  instants.reduce<Instant | null>((last, at) => (last === null || at > last ? at : last), null);

/** Writes down who is in, one row per booking, over what was there. The caller holds the lot (`holdLot`). */
export async function recordPresence(tx: Queries, siteId: number, presences: readonly StayPresence[]): Promise<void> {
  if (presences.length === 0) return;
  const timestamps = (pick: (presence: StayPresence) => Instant | null) =>
    presences.map((presence) => {
      const at = pick(presence);
      return at === null ? null : toTimestamp(at);
    });
  await tx.query(
    `INSERT INTO stay_presence (site_id, booking_id, lot_id, entered_at, last_in_at, left_at, is_inside)
     SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::boolean[])
     ON CONFLICT (site_id, booking_id) DO UPDATE SET lot_id = excluded.lot_id, entered_at = excluded.entered_at,
       last_in_at = excluded.last_in_at, left_at = excluded.left_at, is_inside = excluded.is_inside`,
    [
      siteId,
      presences.map(({ bookingId }) => bookingId),
      presences.map(({ lotId }) => lotId),
      timestamps(({ enteredAt }) => enteredAt),
      timestamps(({ lastInAt }) => lastInAt),
      timestamps(({ leftAt }) => leftAt),
      presences.map(({ isInside }) => isInside),
    ],
  );
}
