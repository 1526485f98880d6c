import { noGates } from '../../api/gates/gate.ts';
import { afterEach, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { freshSlots } from '../../api/engine/kept-slots.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { recordPresence } from '../../api/services/parking/gates/presence.ts';
import { sweepServices } from '../../api/services/registry.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { now, seededDatabase, signIn, startProcesses, stopProcesses, type Process } from '../support/racing.ts';

const [night, late, morning] = [
  '2026-11-23T19:00:00+08:00',
  '2026-11-24T08:20:00+08:00',
  '2026-11-24T09:00:00+08:00',
].map(parseInstant) as [number, number, number];
const count = 450;

let processes: Process[] = [];
afterEach(() => stopProcesses(processes));

/** Many stays of one night, as copies of one that was booked. */
async function manyStays({ db, call }: Process): Promise<string[]> {
  const [token] = await signIn({ call }, ['13800000001']);
  const slots = await call<{ items: { id: string }[] }>(
    '/slots?resourceId=guangqi-night&from=2026-11-23&to=2026-11-23',
  );
  const me = await call<{ vehicles: { id: string }[] }>('/me', { token });
  const wish = { kind: 'parking', slotIds: [slots.body.items[0]?.id], vehicleId: me.body.vehicles[0]?.id };
  const booked = await call<{ id: string }>('/bookings', { token, body: wish });
  const rows = await db.query<{ id: string }>(
    `WITH copy AS (
       INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
         cancel_until, price_fen, is_provisional, details)
       SELECT site_id, gen_random_uuid(), kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
         cancel_until, price_fen, is_provisional, details FROM booking, generate_series(1, ${count}) WHERE id = $1 RETURNING id),
     line AS (
       INSERT INTO booking_line SELECT site_id, copy.id, slot_id, 1 FROM copy, booking_line WHERE booking_id = $1 RETURNING 1)
     SELECT id FROM copy`,
    [booked.body.id],
  );
  return rows.map(({ id }) => id);
}

const presence = (bookingId: string, leftAt: number | null) => ({
  bookingId,
  lotId: 'guangqi',
  enteredAt: night,
  lastInAt: night,
  leftAt,
  isInside: leftAt === null,
});

async function sweepAt({ db }: Process, at: number): Promise<void> {
  const surroundings = await loadSurroundings(db, siteRow.code);
  await sweepServices({ db, slots: freshSlots(db), now: at, gates: noGates, ...surroundings });
}

test('many processes that sweep beside the gates note each overstay once, and end with what the gates told last', async () => {
  processes = await startProcesses(4, await seededDatabase());
  const [first] = processes as [Process];
  expect(parseInstant(now)).toBeLessThan(night);
  const ids = await manyStays(first);
  await recordPresence(
    first.db,
    siteRow.id,
    ids.map((id) => presence(id, null)),
  );
  await Promise.all(processes.map((process) => sweepAt(process, late)));
  // A third left in time, as is told only now; a third has left since; a third is still there.
  const exits = ids.flatMap((id, index) => {
    if (index % 3 === 0) return [presence(id, parseInstant('2026-11-24T07:50:00+08:00'))];
    return index % 3 === 1 ? [presence(id, parseInstant('2026-11-24T08:40:00+08:00'))] : [];
  });
  const tellExits = async () => {
    for (const exit of exits) await recordPresence(first.db, siteRow.id, [exit]);
  };
  const told = new AbortController();
  const keepSweeping = async (process: Process) => {
    do await sweepAt(process, morning);
    while (!told.signal.aborted);
  };
  const sweeping = processes.map(keepSweeping);
  await tellExits();
  told.abort();
  await Promise.all(sweeping);
  await sweepAt(first, morning);
  const outcome = await first.db.query(
    `SELECT voided_at IS NOT NULL AS "isVoid", ended_at AS "endedAt", minutes_late AS "minutesLate", count(*)::int AS n
     FROM overstay WHERE site_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS LAST`,
    [siteRow.id],
  );
  expect(outcome).toEqual([
    { isVoid: false, endedAt: parseInstant('2026-11-24T08:40:00+08:00'), minutesLate: 40, n: count / 3 },
    { isVoid: false, endedAt: null, minutesLate: 20, n: count / 3 },
    { isVoid: true, endedAt: null, minutesLate: 20, n: count / 3 },
  ]);
  const events = await first.db.query(
    `SELECT type, count(*)::int AS n FROM event WHERE site_id = $1 AND type LIKE 'overstay.%' GROUP BY 1 ORDER BY 1`,
    [siteRow.id],
  );
  expect(events).toEqual([
    { type: 'overstay.ended', n: count / 3 },
    { type: 'overstay.opened', n: count },
    { type: 'overstay.voided', n: count / 3 },
  ]);
  const notices = await first.db.query(
    `SELECT kind, count(*)::int AS n FROM notice WHERE kind = 'overstay' GROUP BY 1`,
  );
  expect(notices).toEqual([{ kind: 'overstay', n: count }]);
  const watched = await first.db.query('SELECT 1 FROM stay_watch WHERE site_id = $1', [siteRow.id]);
  expect(watched).toHaveLength(count / 3);
});
