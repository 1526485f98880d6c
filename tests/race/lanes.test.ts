import { afterEach, expect, test } from 'vitest';
import type { AdmissionRequest } from '../../api/engine/types.ts';
import type { OpenDb } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import { employeeIds, seededDatabase, startProcesses, stopProcesses, type Process } from '../support/racing.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

/** A slot that can be booked on Monday morning, as the database has it. */
type OpenSlot = { id: number; serviceDate: string; startsAt: number; endsAt: number };

function oneUnit(personId: string, slot: OpenSlot): AdmissionRequest {
  return {
    siteId: siteRow.id,
    personId,
    actorId: personId,
    at: Date.parse('2026-11-23T09:00:00+08:00'),
    idempotency: null,
    drafts: [
      {
        kind: 'shuttle',
        lines: [{ slotId: slot.id, units: 1 }],
        claims: [{ claimantId: personId, scope: 'ride', during: slot }],
        priceFen: 0,
        startsAt: slot.startsAt,
        endsAt: slot.endsAt,
        serviceDate: slot.serviceDate,
        cancelUntil: slot.startsAt,
        isProvisional: false,
        details: {},
      },
    ],
  };
}

test('requests for 200 different slots at once share transactions, and each gets its own slot', async () => {
  let transactions = 0;
  const counting = (db: OpenDb): OpenDb => ({
    ...db,
    transaction: (work) => {
      transactions++;
      return db.transaction(work);
    },
  });
  running = await startProcesses(1, await seededDatabase(), counting);
  const { db, engine } = running[0]!;
  const slots = await db.query<OpenSlot>(
    `SELECT id, service_date AS "serviceDate", starts_at AS "startsAt", ends_at AS "endsAt" FROM slot
     WHERE kind = 'shuttle' AND service_date BETWEEN '2026-11-24' AND '2026-11-30' ORDER BY id LIMIT 200`,
  );
  expect(slots).toHaveLength(200);
  const people = employeeIds(200);
  const answers = await Promise.all(slots.map((slot, index) => engine.admit(oneUnit(people[index]!, slot))));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(transactions).toBeLessThan(50);
  const taken = await db.query('SELECT id FROM slot WHERE taken = 1 AND id = ANY($1::bigint[])', [
    slots.map(({ id }) => id),
  ]);
  expect(taken).toHaveLength(200);
  await expectInvariants(db);
});
