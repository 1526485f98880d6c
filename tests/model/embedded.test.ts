import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { migrate } from '../../db/migrate.ts';
import { checkHistories } from './check.ts';
import { crowdedHistories, cutHistories, histories } from './history.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  const db = await openDb({ folder: null });
  await migrate(db);
  service = await startService([db]);
});
afterAll(() => service.close());

test.each([
  ['over all services', histories(1), 30],
  ['on a crowded run', crowdedHistories(1), 40],
  ['when what is booked is cut', cutHistories(1), 30],
])('the embedded database does what the model does: %s', async (_name, arbitrary, runs) => {
  await expect(checkHistories(service, arbitrary, { runs })).resolves.toBeUndefined();
});
