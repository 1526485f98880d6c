import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import {
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';

let processes: Process[] = [];
let committee = '';
beforeEach(async () => {
  processes = await startProcesses(2, await seededDatabase());
  [committee = ''] = await signIn(at(0), ['13800000008']);
});
afterEach(() => stopProcesses(processes));

const at = (index: number): Process => processes[index % processes.length]!;

test('a plate that many claim at once is verified for one of them', async () => {
  const tokens = await signIn(at(0), employees(20));
  await at(0).db.query(
    `INSERT INTO person_role (site_id, person_id, role, organisation_id)
     SELECT site_id, person_id, 'resident', 'hongxing' FROM person_role WHERE role = 'employee' ON CONFLICT DO NOTHING`,
  );
  const [added] = await Promise.all([
    race(processes, tokens, ({ call }, token) => call('/me/vehicles', { token, body: { plate: '沪H00001' } })),
    at(1).call('/rosters/hongxing/vehicles', { token: committee, body: { plate: '沪H00001' } }),
  ]);
  expect(tally(added)['500']).toBeUndefined();
  const [verified] = await at(0).db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM vehicle WHERE plate = '沪H00001' AND verified_at IS NOT NULL`,
  );
  expect(verified?.count).toBe(1);
  await expectInvariants(at(0).db);
});

test('vehicles that are added at once are never more than one person may have', async () => {
  const [token = ''] = await signIn(at(0), employees(1));
  const plates = Array.from({ length: 20 }, (_, index) => `沪H1000${index % 10}`);
  await race(processes, plates, ({ call }, plate) => call('/me/vehicles', { token, body: { plate } }));
  const { body } = await at(0).call<{ vehicles: { plate: string }[] }>('/me', { token });
  expect(new Set(body.vehicles.map(({ plate }) => plate)).size).toBe(5);
  expect(body.vehicles).toHaveLength(5);
});
