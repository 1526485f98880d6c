import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { commitBatch, newBatchMemory } from '../../api/engine/commit-batch.ts';
import { writeForeseen } from '../../api/engine/write-bookings.ts';
import type { Slot } from '../../api/engine/types.ts';
import { bookingsInTheWay, holdingsOf, lockOffersOf } from '../../api/engine/displacement-rows.ts';
import { countNoShows } from '../../api/engine/count-no-shows.ts';
import { remind } from '../../api/engine/remind.ts';
import { noticesOf } from '../../api/messages/notices.ts';
import { expectedAt } from '../../api/services/check-in.ts';
import { slotsOfOffer } from '../../api/engine/queue-rows.ts';
import { displacementsOf } from '../../api/services/displacements.ts';
import { searchSlots, slotsById, slotsOfResources } from '../../api/engine/find-slots.ts';
import { createSessions } from '../../api/people/sessions.ts';
import { bookingsById, searchBookings, type BookingSearch } from '../../api/services/bookings.ts';
import type { Db, OpenDb, Queries, Row } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { fillWithHistory } from '../support/large-site.ts';
import { employeeIds, now, seededDatabase } from '../support/racing.ts';

const siteId = 1;
const at = parseInstant(now);
const [personId = ''] = employeeIds(1);

let db: OpenDb;
beforeAll(async () => {
  db = await openDb({ url: await seededDatabase(), connections: 2 });
  await fillWithHistory(db, { slots: 20_000, bookings: 20_000 });
});
afterAll(() => db?.close());

/** The plans of all statements that `work` sends, in one text. */
async function plansOf(work: (db: Db) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  const explainingQuery =
    (inner: Queries): Queries['query'] =>
    async <R extends object = Row>(statement: string, parameters?: readonly unknown[]): Promise<R[]> => {
      const lines = await inner.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${statement}`, parameters);
      plans.push(lines.map((line) => line['QUERY PLAN']).join('\n'));
      return inner.query<R>(statement, parameters);
    };
  const explaining = (inner: Db): Db => ({
    orm: inner.orm,
    query: explainingQuery(inner),
    transaction: (transact) => inner.transaction((tx) => transact(explaining(tx))),
    pipelined: (transact, bounds) => inner.pipelined((tx) => transact({ query: explainingQuery(tx) }), bounds),
  });
  await work(explaining(db));
  return plans.join('\n\n');
}

const missingSlot: Slot = {
  ...{ id: 999_999_999, resourceId: 'run-1', kind: 'shuttle', serviceDate: '2026-11-23', part: '' },
  ...{ startsAt: 0, endsAt: 1, opensAt: 0, closesAt: 1, cancelUntil: 0 },
  ...{
    capacity: 1,
    taken: 0,
    priceFen: 0,
    state: 'active',
    closedReason: null,
    isProvisional: false,
    facts: {},
    version: 1,
  },
};

/** Tables that grow with use: none of them may be read from end to end for one request. */
const scanOfLargeTable = /Seq Scan on (slot|booking|booking_line|claim|event|idempotency_key|session|person)\b/;

const bookings: BookingSearch = {
  siteId,
  personId: null,
  resourceId: null,
  kind: null,
  state: null,
  bundleId: null,
  when: null,
  now: at,
  after: null,
  limit: 11,
};
const slots = {
  siteId,
  kinds: ['shuttle'],
  resourceId: null,
  from: '2026-11-23',
  to: '2026-11-29',
  after: null,
  limit: 51,
};
const after = { serviceDate: '2026-11-24', startsAt: at, id: 1 };

const work: [string, (db: Db) => Promise<unknown>, string[]][] = [
  ['slots of a kind', (tx) => searchSlots(tx, slots), ['slot_by_kind_and_date']],
  ['the next page of slots', (tx) => searchSlots(tx, { ...slots, after }), ['slot_by_kind_and_date']],
  [
    'slots of a resource',
    (tx) => searchSlots(tx, { ...slots, kinds: ['parking'], resourceId: 'guangqi-night' }),
    ['slot_'],
  ],
  ['slots by id', (tx) => slotsById(tx, siteId, [1, 2, 3]), ['slot_site_id_id_pk']],
  [
    'a month of nights',
    (tx) => slotsOfResources(tx, siteId, ['guangqi-night'], ['2026-12-01']),
    ['slot_once_per_part'],
  ],
  [
    'my next bookings',
    (tx) => searchBookings(tx, { ...bookings, personId, when: 'upcoming' }),
    ['booking_by_month_and_person'],
  ],
  [
    'my past bookings',
    (tx) => searchBookings(tx, { ...bookings, personId, when: 'past' }),
    ['booking_by_month_and_person'],
  ],
  [
    'the bookings of a resource',
    (tx) => searchBookings(tx, { ...bookings, resourceId: 'guangqi-night', when: 'upcoming' }),
    ['booking_line_by_slot', 'booking_site_id_id_pk'],
  ],
  [
    'the parts of a day plan',
    (tx) => searchBookings(tx, { ...bookings, personId, bundleId: randomUUID() }),
    ['booking_by_bundle'],
  ],
  ['a booking', (tx) => bookingsById(tx, siteId, [randomUUID()]), ['booking_site_id_id_pk']],
  ['a session', (tx) => sessionLookup(tx), ['session_site_id_id_pk', 'person_role_unique']],
  [
    'who is in the way of a cut',
    async (tx) => {
      await bookingsInTheWay(tx, siteId, [1, 2, 3], 100);
      await lockOffersOf(tx, siteId, [1, 2, 3]);
      await holdingsOf(tx, siteId, [randomUUID()]);
    },
    ['booking_line_by_slot', 'booking_site_id_id_pk', 'claim_by_booking'],
  ],
  ['why bookings gave way', (tx) => displacementsOf(tx, siteId, [randomUUID()]), ['event_by_booking']],
  [
    'the slots of an offer',
    (tx) => slotsOfOffer(tx, siteId, 1),
    ['booking_by_bundle', 'booking_line_site_id_booking_id_slot_id_pk'],
  ],
  [
    'who did not come',
    async (tx) => {
      await countNoShows(tx, siteId, parseInstant('2026-11-24T08:12:00+08:00'));
    },
    ['slot_counting_no_shows', 'booking_line_by_slot', 'booking_site_id_id_pk'],
  ],
  [
    'who is to be reminded',
    async (tx) => {
      await remind(tx, siteId, parseInstant('2026-11-24T07:40:00+08:00'));
    },
    ['slot_reminding', 'booking_line_by_slot', 'booking_site_id_id_pk'],
  ],
  [
    'who is expected now',
    (tx) =>
      expectedAt(tx, 'Asia/Shanghai', {
        siteId,
        resourceIds: ['run-2', 'run-3'],
        at: at + 86_400_000,
        slackMinutes: 0,
      }),
    ['slot_once_per_part', 'booking_line_by_slot', 'booking_site_id_id_pk'],
  ],
  [
    'what I was told',
    (tx) => noticesOf(tx, siteId, personId, { isUnread: false, before: null, limit: 11 }),
    ['booking_site_id_id_pk'],
  ],
  [
    'an admission',
    (tx) => admitTwo(tx),
    ['slot_site_id_id_pk', 'idempotency_key_site_id_key_pk', 'claim_no_overlap', 'booking_site_id_id_pk'],
  ],
  [
    'an admission that was foreseen',
    (tx) => admitForeseen(tx),
    ['slot_site_id_id_pk', 'waitlist_slot_', 'allotment_', 'booking_no_show'],
  ],
];

test.each(work)('%s: found by an index', async (_name, send, indexes) => {
  const plans = await plansOf(send);
  for (const index of indexes) expect(plans).toContain(index);
  expect(plans).not.toMatch(scanOfLargeTable);
});

async function sessionLookup(tx: Db): Promise<unknown> {
  const sessions = createSessions('a-secret-of-the-plan-tests-0123456789abcdef');
  const { token } = await sessions.start(db, siteId, personId, at);
  return sessions.lookUpCaller(tx, token, at, () => Promise.resolve({ id: siteId }));
}

/** Nothing is done, since it was expected otherwise: there is a slot with a number that no slot has. */
async function admitForeseen(tx: Db): Promise<void> {
  const during = { startsAt: at, endsAt: at + 1000 };
  const draft = { kind: 'shuttle', lines: [], claims: [], priceFen: 0, ...during, serviceDate: '2026-11-23' };
  await tx.pipelined(async (within) => ({
    value: null,
    last: [
      writeForeseen(
        within,
        siteId,
        [
          {
            ...{ id: randomUUID(), personId, actorId: personId, at, heldUntil: null, bundleId: null, draws: [] },
            draft: { ...draft, cancelUntil: at, isProvisional: false, details: {} },
          },
        ],
        [],
        { slots: [missingSlot], suspicion: { since: at, atLeast: 3 } },
      ),
    ],
  }));
}

/** Refused for a slot that does not exist: only what it reads is looked at, since EXPLAIN of a write writes nothing. */
function admitTwo(tx: Db): Promise<unknown> {
  const during = { startsAt: at, endsAt: at + 1000 };
  const request = () => ({
    siteId,
    personId,
    actorId: personId,
    at,
    idempotency: { key: randomUUID(), request: randomUUID() },
    bookingIds: [randomUUID()],
    drafts: [
      {
        kind: 'parking',
        lines: [{ slotId: 999_999_999, units: 1 }],
        claims: [{ claimantId: randomUUID(), scope: 'stay', during }],
        priceFen: 0,
        ...during,
        serviceDate: '2026-11-23',
        cancelUntil: at,
        isProvisional: false,
        details: {},
      },
    ],
  });
  return commitBatch(tx, [request(), request()], newBatchMemory());
}
