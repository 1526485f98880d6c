import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { freshDatabase, lookForDeadlocksSoon } from '../support/fresh-database.ts';
import { checkHistories } from './check.ts';
import { crowdedHistories, cutHistories, histories } from './history.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  const url = await freshDatabase();
  await lookForDeadlocksSoon(url);
  service = await startService(await Promise.all([1, 2, 3].map(() => openDb({ url, connections: 4 }))));
});
afterAll(() => service.close());

test.each([
  ['over all services', histories(3), 350],
  ['on a crowded run', crowdedHistories(4), 500],
  ['when what is booked is cut', cutHistories(3), 300],
])(
  'whatever three processes are told at once, some order of it explains what they do: %s',
  async (_name, arbitrary, runs) => {
    await expect(checkHistories(service, arbitrary, { runs })).resolves.toBeUndefined();
  },
);
