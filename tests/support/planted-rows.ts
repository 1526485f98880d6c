import type { Db, OpenDb } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { mealCard, type Scene } from './doctor-scene.ts';

/** Carries statements out with constraints and triggers off, looks, and undoes all of it. */
export async function withPlanted<Found>(
  db: OpenDb,
  statements: readonly string[],
  look: (tx: Db) => Promise<Found>,
): Promise<Found> {
  let found: { value: Found } | null = null;
  const undone = new Error('what was planted is undone');
  const work = db.transaction(async (tx) => {
    for (const statement of [...withoutGuards, ...statements]) await tx.query(statement);
    found = { value: await look(tx) };
    throw undone;
  });
  await work.catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return found!.value;
}

const withoutGuards = [
  `SET LOCAL session_replication_role = replica`,
  'ALTER TABLE slot DROP CONSTRAINT slot_taken_within_capacity',
  'ALTER TABLE claim DROP CONSTRAINT claim_no_overlap',
  'ALTER TABLE idempotency_key DROP CONSTRAINT idempotency_key_site_id_key_pk',
  'ALTER TABLE account DROP CONSTRAINT account_not_below_floor',
];

/** Ends the booking of the full run as `cancel` would, but offers its seats to nobody. */
export const cancelWithoutPromotion = ({ booked }: Scene): string[] => [
  `UPDATE slot SET taken = taken - 1 WHERE id IN (SELECT slot_id FROM booking_line WHERE booking_id = '${booked}')`,
  `DELETE FROM claim WHERE booking_id = '${booked}'`,
  `INSERT INTO event (site_id, at, type, booking_id) SELECT site_id, changed_at + interval '1 second', 'booking.cancelled', id
   FROM booking WHERE id = '${booked}'`,
  `UPDATE booking SET state = 'cancelled', changed_at = changed_at + interval '1 second' WHERE id = '${booked}'`,
];

/** Broken rows: what is planted, and which rows the doctor must name for which invariant, and no others. */
export const plantedRows: [name: string, plant: (scene: Scene) => string[], found: (scene: Scene) => string[]][] = [
  [
    'a slot that is sold beyond its capacity',
    ({ planSlot }) => [`UPDATE slot SET capacity = 0 WHERE id = ${planSlot}`],
    ({ planSlot }) => [`1 slot ${planSlot}`],
  ],
  [
    'a counter that is not the sum of its bookings',
    ({ planSlot }) => [`UPDATE slot SET taken = taken + 1 WHERE id = ${planSlot}`],
    ({ planSlot }) => [`1 slot ${planSlot}`],
  ],
  [
    'units of an allotment that nobody drew',
    () => [`UPDATE allotment SET taken = taken + 1`],
    ({ planSlot }) => [`1 allotment of demo-games in slot ${planSlot}`],
  ],
  [
    'a claimant in two places',
    ({ plan }) => [
      `INSERT INTO claim SELECT site_id, booking_id, claimant_id, scope,
         tstzrange(upper(during) - interval '1 minute', upper(during) + interval '1 minute') FROM claim WHERE booking_id = '${plan}'`,
    ],
    ({ plan }) => [`2 claim of booking ${plan}`],
  ],
  [
    'a booking that claims nobody',
    ({ plan }) => [
      `UPDATE booking SET ends_at = now() + interval '1 day' WHERE id = '${plan}'`,
      `DELETE FROM claim WHERE booking_id = '${plan}'`,
    ],
    ({ plan }) => [`2 booking ${plan}`],
  ],
  [
    'a claim that outlived its booking',
    ({ plan, gone }) => [
      `INSERT INTO claim SELECT site_id, '${gone}', gen_random_uuid(), scope, during FROM claim WHERE booking_id = '${plan}'`,
    ],
    ({ gone }) => [`2 booking ${gone}`],
  ],
  [
    'an acknowledged booking that has vanished with all that is its own',
    ({ booked }) => [
      `UPDATE booking SET ends_at = now() + interval '1 day' WHERE id = '${booked}'`,
      `UPDATE slot SET taken = 0, state = 'closed' WHERE id IN (SELECT slot_id FROM booking_line WHERE booking_id = '${booked}')`,
      `INSERT INTO event (site_id, at, type, slot_id) SELECT site_id, opens_at, 'slot.closed', id FROM slot WHERE state = 'closed'`,
      ...['booking_line', 'claim'].map((table) => `DELETE FROM ${table} WHERE booking_id = '${booked}'`),
      `DELETE FROM booking WHERE id = '${booked}'`,
    ],
    ({ booked }) => [`3 booking ${booked}`, '3 key'],
  ],
  [
    'a place in the queue that was acknowledged and has vanished',
    ({ entry }) => [
      `INSERT INTO idempotency_key (site_id, key, request, created_at, answer)
       VALUES (${siteRow.id}, gen_random_uuid(), gen_random_uuid(), now(), '{"entryId": ${Number(entry) + 1000}}')`,
    ],
    () => ['3 key'],
  ],
  [
    'a booking without lines',
    ({ gone }) => [`DELETE FROM booking_line WHERE booking_id = '${gone}'`],
    ({ gone }) => [`3 booking ${gone}`],
  ],
  [
    'a booking of somebody who is not there',
    ({ gone }) => [`UPDATE booking SET person_id = '00000000-0000-7000-8000-000000000000' WHERE id = '${gone}'`],
    ({ gone }) => [`3 booking ${gone}`],
  ],
  [
    'a line of a slot that is not there',
    ({ gone }) => [
      `INSERT INTO booking_line (site_id, booking_id, slot_id, units) SELECT site_id, id, 999999, 1 FROM booking WHERE id = '${gone}'`,
    ],
    ({ gone }) => [`3 line of booking ${gone} in slot 999999`],
  ],
  [
    'a retry key with two answers',
    ({ booked, plan }) => [
      `INSERT INTO idempotency_key SELECT site_id, key, request, created_at, '${plan}' FROM idempotency_key WHERE booking_id = '${booked}'`,
    ],
    () => ['3 key'],
  ],
  [
    'half a day plan',
    ({ plan }) => [`UPDATE booking SET bundle_id = NULL WHERE id = '${plan}'`],
    ({ bundle }) => [`3 plan ${bundle}`],
  ],
  [
    'a transfer that makes money',
    () => [
      `UPDATE transfer_entry SET amount_fen = amount_fen + 1 WHERE account_id = '${mealCard}'`,
      `UPDATE account SET balance_fen = balance_fen + 1 WHERE id = '${mealCard}'`,
    ],
    () => ['4 transfer'],
  ],
  [
    'a balance that no entry explains',
    () => [`UPDATE account SET balance_fen = balance_fen + 1 WHERE id = '${mealCard}'`],
    () => [`4 account ${mealCard}`],
  ],
  [
    'an account below its floor',
    () => [`UPDATE account SET floor_fen = 17601 WHERE id = '${mealCard}'`],
    () => [`4 account ${mealCard}`],
  ],
  ['a head that fits and waits', cancelWithoutPromotion, ({ entry }) => [`5 entry ${entry}`]],
  [
    'an offer of nothing',
    ({ offer }) => [`UPDATE waitlist_entry SET offer_booking_id = NULL WHERE id = ${offer}`],
    ({ offer }) => [`5 entry ${offer}`],
  ],
  [
    'somebody who waits outside of the queue',
    ({ entry, full }) => [`DELETE FROM waitlist_slot WHERE entry_id = ${entry} AND slot_id = ${full}`],
    ({ entry }) => [`5 entry ${entry}`],
  ],
  [
    'somebody who came without being checked in',
    ({ booked }) => [
      `UPDATE booking SET state = 'checked_in', changed_at = changed_at + interval '1 second' WHERE id = '${booked}'`,
      `INSERT INTO event (site_id, at, type, booking_id) SELECT site_id, changed_at, 'booking.checked_in', id FROM booking WHERE id = '${booked}'`,
    ],
    ({ booked }) => [`3 booking ${booked}`],
  ],
  [
    'a check-in of who did not come',
    ({ booked }) => [
      `INSERT INTO check_in (site_id, booking_id, nonce, at, recorded_at, actor_id)
       SELECT site_id, id, 'a scan', now(), now(), person_id FROM booking WHERE id = '${booked}'`,
    ],
    ({ booked }) => [`3 booking ${booked}`],
  ],
  [
    'a no-show that gave its units back',
    ({ booked, full }) => [
      `UPDATE booking SET state = 'no_show', changed_at = changed_at + interval '1 second' WHERE id = '${booked}'`,
      `INSERT INTO event (site_id, at, type, booking_id) SELECT site_id, changed_at, 'booking.no_show', id FROM booking WHERE id = '${booked}'`,
      `UPDATE slot SET taken = 0, closes_at = opens_at WHERE id = ${full}`,
    ],
    ({ full }) => [`1 slot ${full}`],
  ],
  [
    'a line that was given back and is still there',
    ({ booked, full }) => [
      `INSERT INTO event (site_id, at, type, booking_id, slot_id)
       SELECT site_id, changed_at, 'booking.lines-released', id, ${full} FROM booking WHERE id = '${booked}'`,
    ],
    ({ booked }) => [`6 booking ${booked}`],
  ],
  [
    'a booking whose state no event tells',
    ({ booked }) => [`UPDATE booking SET state = 'no_show' WHERE id = '${booked}'`],
    ({ booked }) => [`6 booking ${booked}`],
  ],
  [
    'a booking that ended without having begun',
    ({ gone }) => [`DELETE FROM event WHERE booking_id = '${gone}' AND type = 'booking.confirmed'`],
    ({ gone }) => [`6 booking ${gone}`],
  ],
  [
    'a booking that was ended twice',
    ({ gone }) => [
      `INSERT INTO event (site_id, at, type, booking_id) SELECT site_id, at, type, booking_id FROM event
       WHERE booking_id = '${gone}' AND type = 'booking.cancelled'`,
    ],
    ({ gone }) => [`6 booking ${gone}`],
  ],
  [
    'a booking that was changed after its last event',
    ({ booked }) => [`UPDATE booking SET changed_at = changed_at + interval '1 second' WHERE id = '${booked}'`],
    ({ booked }) => [`6 booking ${booked}`],
  ],
  [
    'somebody who left the queue unseen',
    ({ entry }) => [
      `UPDATE waitlist_entry SET state = 'withdrawn' WHERE id = ${entry}`,
      `DELETE FROM waitlist_slot WHERE entry_id = ${entry}`,
    ],
    ({ entry }) => [`6 entry ${entry}`],
  ],
  [
    'a capacity that no event tells',
    ({ full }) => [`UPDATE slot SET capacity = 2, closes_at = opens_at WHERE id = ${full}`],
    ({ full }) => [`6 slot ${full}`],
  ],
  [
    'a change of capacity that is missing among others',
    ({ full }) => [`DELETE FROM event WHERE slot_id = ${full} AND facts->>'after' = '2'`],
    ({ full }) => [`6 slot ${full}`],
  ],
  [
    'an edit without an event',
    ({ planSlot }) => [`UPDATE slot SET version = 2 WHERE id = ${planSlot}`],
    ({ planSlot }) => [`6 slot ${planSlot}`],
  ],
  [
    'a slot that was closed unseen',
    ({ planSlot }) => [`UPDATE slot SET state = 'closed' WHERE id = ${planSlot}`],
    ({ planSlot }) => [`6 slot ${planSlot}`],
  ],
];

/** Circumstances under which the head of the full run's queue may, or may not, have what nobody holds. */
export const headsThatFit: [name: string, plant: (scene: Scene) => string[], isReported: boolean][] = [
  ['its units are kept for a group that it is not of', (scene) => keepFor(scene, 'park'), false],
  ['its units are kept for its own group', (scene) => keepFor(scene, 'demo-games'), true],
  ['booking has closed', ({ full }) => [`UPDATE slot SET closes_at = opens_at WHERE id = ${full}`], false],
  [
    'the slot is closed',
    ({ full }) => [
      `UPDATE slot SET state = 'closed' WHERE id = ${full}`,
      `INSERT INTO event (site_id, at, type, slot_id) SELECT site_id, opens_at, 'slot.closed', id FROM slot WHERE id = ${full}`,
    ],
    false,
  ],
  ['its person is elsewhere at the time', ({ people, booked }) => [elsewhere(people[1], booked)], false],
  [
    'its person has had all that a limit allows',
    ({ people, entry, plan }) => [
      `UPDATE waitlist_entry SET wish = jsonb_set(wish, '{choices,0,0,limits}', jsonb_build_array(jsonb_build_object('rule', 'one-a-day',
         'scope', 'rides', 'personId', '${people[1]}', 'max', 1, 'during', wish->'choices'->0->0->'claims'->0->'during')))
       WHERE id = ${entry}`,
      `INSERT INTO claim SELECT site_id, '${plan}', '${people[1]}', 'rides#1', '(,)' FROM booking WHERE id = '${plan}'`,
    ],
    false,
  ],
  [
    'only its second choice fits',
    ({ entry }) => [
      `UPDATE waitlist_entry SET wish = jsonb_set(wish, '{choices}', jsonb_build_array(
         jsonb_set(wish->'choices'->0, '{0,lines,0,units}', '9'), wish->'choices'->0)) WHERE id = ${entry}`,
    ],
    true,
  ],
  ['a party that does not fit waits before it', ({ entry }) => [aheadOf(entry, 9)], false],
  [
    'whoever waits before it is elsewhere at the time',
    ({ entry, booked, people }) => [aheadOf(entry, 9), elsewhere(people[0], booked)],
    true,
  ],
];

const keepFor = ({ full }: Scene, organisationId: string): string[] => [
  `INSERT INTO allotment (site_id, slot_id, organisation_id, units, release_at)
   SELECT site_id, id, '${organisationId}', 1, closes_at FROM slot WHERE id = ${full}`,
];

/** A claim of somebody's at the time of a ride that they are not on. */
const elsewhere = (personId: string | undefined, booked: string): string =>
  `INSERT INTO claim SELECT p.site_id, p.id, '${personId}', 'ride', tstzrange(b.starts_at, b.ends_at)
   FROM booking b JOIN booking p ON p.details->>'runId' = 'run-6' WHERE b.id = '${booked}' AND p.state = 'confirmed'`;

/** Somebody else (the one whose booking was ended) before an entry in its queues, for so many units of each slot. */
const aheadOf = (entry: string, units: number): string => `
  WITH ahead AS (
    INSERT INTO waitlist_entry (site_id, id, person_id, kind, state, created_at, changed_at, closes_at, wish)
    OVERRIDING SYSTEM VALUE
    SELECT e.site_id, 0, b.person_id, e.kind, e.state, e.created_at, e.changed_at, e.closes_at,
      replace(replace(e.wish::text, '"units": 1', '"units": ${units}'), e.person_id::text, b.person_id::text)::jsonb
    FROM waitlist_entry e, booking b WHERE e.id = ${entry} AND b.state = 'cancelled' AND b.details->>'runId' = 'run-2' RETURNING *),
  told AS (
    INSERT INTO event (site_id, at, type, facts) SELECT site_id, created_at, 'waitlist.joined', '{"entryId": 0}' FROM ahead)
  INSERT INTO waitlist_slot SELECT w.site_id, w.slot_id, 0 FROM waitlist_slot w WHERE w.entry_id = ${entry}`;
