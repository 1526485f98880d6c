import type { Queries } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { arrayTable } from './column-arrays.ts';
import { toRange, toTimestamp } from './sql-values.ts';
import type { BookingDraft, Claim, Slot, Suspicion } from './types.ts';
import type { Draw } from './pool.ts';

/** A booking that has been decided on and is to be written. */
export type NewBooking = {
  id: string;
  personId: string;
  /** Empty when the service itself acts, e.g. for an offer to a queue's head. */
  actorId: string | null;
  at: Instant;
  draft: BookingDraft;
  /** What it takes from allotments. */
  draws: readonly Draw[];
  /** When it lapses unless it is confirmed; null for one that is confirmed now. */
  heldUntil: Instant | null;
  bundleId: string | null;
};

/** The answer to a request with a retry key, which is written down with it. */
export type NewKey = {
  key: string;
  request: string;
  at: Instant;
  /** The first of the bookings that came of it, or the place in the queue. */
  bookingId: string | null;
  entryId: number | null;
};

/** Everything that is written for some bookings, with what has to be so when it is. */
export type Writing = {
  bookings: readonly NewBooking[];
  keys: readonly NewKey[];
  claims: readonly (Claim & { id: string })[];
  lines: readonly { id: string; slotId: number; units: number }[];
  /** Units by slot. */
  units: ReadonlyMap<number, number>;
  /** Slots that must be like this, with nobody waiting for them and nothing kept for groups. */
  slots: readonly Slot[];
  /** No-shows that none of the people may have on their record. */
  suspicion: Suspicion | null;
};

const time = (instant: Instant | null): string | null => (instant === null ? null : toTimestamp(instant));

/* $1 is the site, $2 and $3 the suspicion. */
const bookings = arrayTable<NewBooking & { draftNumber: number }>('b', 4, {
  id: ['uuid', ({ id }) => id],
  draft: ['int', ({ draftNumber }) => draftNumber],
  person_id: ['uuid', ({ personId }) => personId],
  actor_id: ['uuid', ({ actorId }) => actorId],
  at: ['timestamptz', ({ at }) => time(at)],
  expires_at: ['timestamptz', ({ heldUntil }) => time(heldUntil)],
  bundle_id: ['uuid', ({ bundleId }) => bundleId],
});
/** What the bookings of a batch mostly have in common: it is said once for those of which all of this is the same. */
const draftColumns: Record<string, readonly [type: string, of: (draft: BookingDraft) => unknown]> = {
  kind: ['text', ({ kind }) => kind],
  starts_at: ['timestamptz', ({ startsAt }) => time(startsAt)],
  ends_at: ['timestamptz', ({ endsAt }) => time(endsAt)],
  service_date: ['date', ({ serviceDate }) => serviceDate],
  cancel_until: ['timestamptz', ({ cancelUntil }) => time(cancelUntil)],
  price_fen: ['int', ({ priceFen }) => priceFen],
  is_provisional: ['boolean', ({ isProvisional }) => isProvisional],
  details: ['jsonb', ({ details }) => textOf(details)],
};
const drafts = arrayTable<BookingDraft>('d', bookings.next, {
  number: ['int', (_draft, index) => index],
  ...draftColumns,
});
const claims = arrayTable<Writing['claims'][number]>('c', drafts.next, {
  booking_id: ['uuid', ({ id }) => id],
  claimant_id: ['uuid', ({ claimantId }) => claimantId],
  scope: ['text', ({ scope }) => scope],
  during: ['tstzrange', ({ during }) => toRange(during)],
});
const lines = arrayTable<Writing['lines'][number]>('l', claims.next, {
  booking_id: ['uuid', ({ id }) => id],
  slot_id: ['bigint', ({ slotId }) => slotId],
  units: ['int', (line) => line.units],
});
const keys = arrayTable<NewKey>('k', lines.next, {
  key: ['uuid', ({ key }) => key],
  request: ['uuid', ({ request }) => request],
  at: ['timestamptz', ({ at }) => time(at)],
  booking_id: ['uuid', ({ bookingId }) => bookingId],
  answer: ['jsonb', ({ entryId }) => (entryId === null ? null : JSON.stringify({ entryId }))],
});
const units = arrayTable<readonly [number, number]>('u', keys.next, {
  slot_id: ['bigint', ([slotId]) => slotId],
  units: ['int', ([, count]) => count],
});
const expected = arrayTable<Slot>('x', units.next, {
  id: ['bigint', ({ id }) => id],
  taken: ['int', ({ taken }) => taken],
  capacity: ['int', ({ capacity }) => capacity],
  version: ['int', ({ version }) => version],
  opens_at: ['timestamptz', ({ opensAt }) => time(opensAt)],
  closes_at: ['timestamptz', ({ closesAt }) => time(closesAt)],
  starts_at: ['timestamptz', ({ startsAt }) => time(startsAt)],
  ends_at: ['timestamptz', ({ endsAt }) => time(endsAt)],
  cancel_until: ['timestamptz', ({ cancelUntil }) => time(cancelUntil)],
  price_fen: ['int', ({ priceFen }) => priceFen],
  is_provisional: ['boolean', ({ isProvisional }) => isProvisional],
});

const ifAsExpected = 'WHERE (SELECT is_as_expected FROM sight)';

const statement = `
  WITH new AS (SELECT * FROM ${bookings.from})
  , expected AS (SELECT * FROM ${expected.from})
  , sight AS MATERIALIZED (
    SELECT NOT EXISTS (
        SELECT FROM expected x LEFT JOIN slot s ON s.site_id = $1 AND s.state = 'active'
          AND ${expected.names.map((name) => `s.${name} = x.${name}`).join(' AND ')}
        WHERE s.id IS NULL)
      AND NOT EXISTS (SELECT FROM expected x JOIN waitlist_slot w ON w.site_id = $1 AND w.slot_id = x.id)
      AND NOT EXISTS (SELECT FROM expected x JOIN allotment a ON a.site_id = $1 AND a.slot_id = x.id)
      AND ($2::timestamptz IS NULL OR NOT EXISTS (
        SELECT FROM new CROSS JOIN LATERAL (
          SELECT count(*) AS times FROM booking
          WHERE site_id = $1 AND person_id = new.person_id AND starts_at > $2 AND state = 'no_show') AS missed
        WHERE missed.times >= $3::int)) AS is_as_expected)
  , claimed AS (
    INSERT INTO claim (site_id, booking_id, claimant_id, scope, during)
    SELECT $1, c.* FROM ${claims.from} ${ifAsExpected})
  , made AS (
    INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, expires_at, starts_at, ends_at,
      service_date, cancel_until, price_fen, is_provisional, bundle_id, details)
    SELECT $1, new.id, d.kind, new.person_id, CASE WHEN new.expires_at IS NULL THEN 'confirmed' ELSE 'held' END, new.at,
      new.at, new.expires_at, d.starts_at, d.ends_at, d.service_date, d.cancel_until, d.price_fen, d.is_provisional,
      new.bundle_id, d.details
    FROM new JOIN ${drafts.from} ON d.number = new.draft ${ifAsExpected})
  , told AS (
    INSERT INTO event (site_id, at, type, actor_id, booking_id)
    SELECT $1, at, CASE WHEN expires_at IS NULL THEN 'booking.confirmed' ELSE 'booking.held' END, actor_id, id
    FROM new ${ifAsExpected})
  , lined AS (
    INSERT INTO booking_line (site_id, booking_id, slot_id, units) SELECT $1, l.* FROM ${lines.from} ${ifAsExpected})
  , answered AS (
    INSERT INTO idempotency_key (site_id, key, request, created_at, booking_id, answer)
    SELECT $1, k.* FROM ${keys.from} ${ifAsExpected})
  , counted AS (
    UPDATE slot SET taken = taken + u.units FROM ${units.from}
    ${ifAsExpected} AND slot.site_id = $1 AND slot.id = u.slot_id)
  SELECT is_as_expected AS "isAsExpected" FROM sight`;

/** Nothing is written, and nothing has to be so. */
export const nothing: Writing = {
  ...{ bookings: [], keys: [], claims: [], lines: [], units: new Map<number, number>() },
  ...{ slots: [], suspicion: null },
};

/**
 * Writes bookings with their events, claims, lines and retry keys, and takes their units, if everything is as expected; else nothing.
 * One statement: what a statement costs by itself, whatever it writes, was a third of a batch's time in the database.
 * @returns whether it was so. Indexes: the primary keys of slot, waitlist_slot and allotment, booking_no_show.
 */
export async function writeAtOnce(tx: Queries, siteId: number, writing: Writing): Promise<boolean> {
  const { suspicion } = writing;
  const numbered = numberDrafts(writing.bookings);
  const [row] = await tx.query<{ isAsExpected: boolean }>(statement, [
    siteId,
    suspicion && toTimestamp(suspicion.since),
    suspicion && suspicion.atLeast,
    ...bookings.arrays(numbered.bookings),
    ...drafts.arrays(numbered.drafts),
    ...claims.arrays(writing.claims),
    ...lines.arrays(writing.lines),
    ...keys.arrays(writing.keys),
    ...units.arrays([...writing.units]),
    ...expected.arrays(writing.slots),
  ]);
  return row?.isAsExpected === true;
}

const draftValues = Object.values(draftColumns).map(([, of]) => of);

/** The different drafts of some bookings, and each booking with the number of its own among them. */
function numberDrafts(all: readonly NewBooking[]) {
  const different: BookingDraft[] = [];
  // By their details, which tell most of them apart.
  const numbers = new Map<string, number[]>();
  const numbered = all.map((booking) => {
    const { draft } = booking;
    const details = textOf(draft.details);
    const alike = numbers.get(details) ?? [];
    const same = alike.find((number) => draftValues.every((of) => of(different[number] ?? draft) === of(draft)));
    if (same !== undefined) return { ...booking, draftNumber: same };
    const draftNumber = different.push(draft) - 1;
    numbers.set(details, [...alike, draftNumber]);
    return { ...booking, draftNumber };
  });
  return { bookings: numbered, drafts: different };
}

const texts = new WeakMap<object, string>();

/** The JSON of what a booking shows. Bookings that were drafted as one share it. */
function textOf(details: object): string {
  let text = texts.get(details);
  if (text === undefined) texts.set(details, (text = JSON.stringify(details)));
  return text;
}
