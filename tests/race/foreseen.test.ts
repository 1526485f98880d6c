import { afterEach, describe, expect, test } from 'vitest';
import { commitBatch, newBatchMemory } from '../../api/engine/commit-batch.ts';
import type { Candidate } from '../../api/engine/decide.ts';
import { slotsOfResources } from '../../api/engine/find-slots.ts';
import { examine } from '../../api/engine/doctor.ts';
import type { OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import { at, rideCandidate as ride } from '../support/ride-candidate.ts';
import { employeeIds, seededDatabase } from '../support/racing.ts';
import { recorded, withoutSight } from '../support/unguarded.ts';

const opened: OpenDb[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

/** A process that has booked a seat of a slot already, and another one with its own connection. */
async function aScene(over: (db: OpenDb) => OpenDb = (db) => db) {
  const url = await seededDatabase();
  const [own, elsewhere] = [await openDb({ url }), await openDb({ url })];
  opened.push(own, elsewhere);
  const db = over(own);
  const [slot] = await slotsOfResources(own, siteRow.id, ['run-1'], ['2026-11-24']);
  if (!slot) throw new Error('the demo site has no such run');
  const memory = newBatchMemory();
  const [first = '', ...people] = employeeIds(6);
  expect(await commitBatch(db, [ride(first, slot)], memory)).toMatchObject([{ ok: true }]);
  const book = (...batch: readonly Candidate[]) => commitBatch(db, batch, memory);
  const another = (...batch: readonly Candidate[]) => commitBatch(elsewhere, batch, newBatchMemory());
  return { own, elsewhere, slot, people, book, another };
}

test('a batch after the first is sent as a whole: it holds its slots, is written, and reads nothing', async () => {
  const statements: string[] = [];
  const { slot, people, book, own } = await aScene((db) => recorded(db, statements));
  statements.length = 0;
  const [a = '', b = ''] = people;
  expect(await book(ride(a, slot), ride(b, slot, {}, { details: { seat: '甲' } }))).toMatchObject([
    { ok: true, replayed: false },
    { ok: true, replayed: false },
  ]);
  expect(statements.map((text) => text.trim().split(/\s+/).slice(0, 3).join(' '))).toEqual([
    'SELECT FROM slot',
    'WITH new AS',
  ]);
  expect(await book(ride(b, slot))).toMatchObject([{ ok: false, problem: 'overlap' }]);
  const [seats] = await own.query<{ taken: number }>('SELECT taken FROM slot WHERE id = $1', [slot.id]);
  expect(seats?.taken).toBe(3);
  const kept = await own.query<{ details: object }>(
    'SELECT details FROM booking WHERE person_id = ANY($1::uuid[]) ORDER BY person_id = $2',
    [[a, b], b],
  );
  expect(kept.map(({ details }) => details)).toEqual([{}, { seat: '甲' }]);
  await expectInvariants(own);
});

test('bookings of a batch that have much in common keep what they have not', async () => {
  const { slot, people, book, own } = await aScene();
  const [a = '', b = '', c = ''] = people;
  const batch = [
    ride(a, slot, {}, { priceFen: 300 }),
    ride(b, slot, {}, { priceFen: 300 }),
    ride(c, slot, {}, { priceFen: 500 }),
  ];
  expect((await book(...batch)).map(({ ok }) => ok)).toEqual([true, true, true]);
  const kept = await own.query('SELECT id, person_id, price_fen FROM booking WHERE price_fen > 0 ORDER BY id');
  const asked = batch.map(({ bookingIds: [id], personId, drafts: [draft] }) => ({
    id,
    person_id: personId,
    price_fen: draft?.priceFen,
  }));
  expect(kept).toEqual(asked.toSorted((one, other) => ((one.id ?? '') < (other.id ?? '') ? -1 : 1)));
});

type Scene = Awaited<ReturnType<typeof aScene>>;
const onSlot =
  (set: string) =>
  ({ elsewhere, slot }: Scene) =>
    elsewhere.query(`UPDATE slot SET ${set} WHERE id = $1`, [slot.id]);

/** What happened elsewhere since the process booked last, and what it has to answer then. */
const meanwhile: [string, (scene: Scene) => Promise<unknown>, object][] = [
  ['the slot was closed', onSlot(`state = 'closed'`), { ok: false, problem: 'rule', rule: 'slot-closed' }],
  ['its capacity was cut', onSlot('capacity = taken'), { ok: false, problem: 'slot-full' }],
  [
    'booking was stopped',
    onSlot(`closes_at = '2026-11-23T08:00:00+08:00'`),
    { ok: false, problem: 'rule', rule: 'booking-closed' },
  ],
  ['its price was changed', onSlot('price_fen = 300'), { ok: false, problem: 'stale-draft' }],
  ['it became another leg', onSlot(`version = version + 1, facts = '{}'`), { ok: false, problem: 'stale-draft' }],
  [
    'somebody else had a seat',
    ({ another, people, slot }) => another(ride(people[2] ?? '', slot)),
    { ok: true, replayed: false },
  ],
  [
    'the last seat was had by somebody else',
    async ({ elsewhere, another, people, slot }) => {
      await elsewhere.query('UPDATE slot SET capacity = taken + 1 WHERE id = $1', [slot.id]);
      await another(ride(people[2] ?? '', slot));
    },
    { ok: false, problem: 'slot-full' },
  ],
  [
    'the others were kept for a group',
    ({ elsewhere, slot }) =>
      elsewhere.query(
        `INSERT INTO allotment (site_id, slot_id, organisation_id, units, release_at)
         SELECT site_id, id, (SELECT id FROM organisation WHERE site_id = $1 LIMIT 1), capacity - taken, starts_at
         FROM slot WHERE site_id = $1 AND id = $2`,
        [siteRow.id, slot.id],
      ),
    { ok: false, problem: 'slot-full' },
  ],
  [
    'somebody waits in line and was passed as often as may be',
    async ({ elsewhere, another, people, slot }) => {
      const { capacity } = slot;
      await another(
        ride(
          people[2] ?? '',
          slot,
          { waitlist: { offerMinutes: 10 } },
          { lines: [{ slotId: slot.id, units: capacity }] },
        ),
      );
      await elsewhere.query('UPDATE waitlist_entry SET bypassed = 3');
    },
    { ok: false, problem: 'slot-full' },
  ],
  [
    'the person booked something at that time',
    ({ another, people, slot }) => another(ride(people[0] ?? '', slot)),
    { ok: false, problem: 'overlap' },
  ],
];

describe('a batch that expects its slots to be as it left them, though meanwhile', () => {
  test.each(meanwhile)('%s', async (_what, happens, answer) => {
    const scene = await aScene();
    await happens(scene);
    expect(await scene.book(ride(scene.people[0] ?? '', scene.slot))).toMatchObject([answer]);
    // Changed by hand: the log says nothing of it.
    expect((await examine(scene.own)).broken.filter(({ invariant }) => invariant !== 6)).toEqual([]);
  });

  test('the person missed too many rides', async () => {
    const { elsewhere, slot, people, book, own } = await aScene();
    const personId = people[0] ?? '';
    const bar = {
      rule: 'missed-too-many',
      since: at - 86_400_000,
      atLeast: 1,
      countedOf: async () => new Map([[personId, [at - 1000]]]),
      until: (counted: readonly number[]) => (counted.length > 0 ? 'tomorrow' : null),
    };
    expect(await book(ride(people[1] ?? '', slot, { bars: [bar] }))).toMatchObject([{ ok: true }]);
    await elsewhere.query(
      `INSERT INTO booking SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'person_id', $1::uuid,
         'state', 'no_show', 'starts_at', $2::timestamptz, 'ends_at', $2::timestamptz + interval '1 minute'))).* FROM booking b LIMIT 1`,
      [personId, new Date(at - 1000).toISOString()],
    );
    expect(await book(ride(personId, slot, { bars: [bar] }))).toEqual([
      { ok: false, problem: 'rule', rule: 'missed-too-many', until: 'tomorrow' },
    ]);
    expect(await book(ride(personId, slot))).toMatchObject([{ ok: true }]);
    await own.query(`DELETE FROM booking WHERE state = 'no_show'`);
    await expectInvariants(own);
  });

  test('the last seats go to who came first, though their batch was sent in vain and a later one was not', async () => {
    const scene = await aScene();
    const { own, slot, people } = scene;
    await onSlot('capacity = 3')(scene);
    const [a = '', b = '', c = ''] = people;
    // Two seats are expected to be free, which is right, but not of this version.
    const memory = newBatchMemory();
    memory.foresight.expect(new Map([[slot.id, { ...slot, capacity: 3, taken: 1, version: slot.version + 1 }]]), []);
    const [first, second] = await Promise.all([
      commitBatch(own, [ride(a, slot), ride(b, slot)], memory),
      commitBatch(own, [ride(c, slot)], memory),
    ]);
    expect([...first, ...second].map(({ ok }) => ok)).toEqual([true, true, false]);
  });

  test('control: without a look at what it expects, it books a slot that was closed', async () => {
    const scene = await aScene(withoutSight);
    await onSlot(`state = 'closed'`)(scene);
    expect(await scene.book(ride(scene.people[0] ?? '', scene.slot))).toMatchObject([{ ok: true }]);
  });
});
