import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { checkHistories } from './check.ts';
import { crowdedHistories, cutHistories, histories } from './history.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  const url = await freshDatabase();
  service = await startService(await Promise.all([openDb({ url }), openDb({ url })]));
});
afterAll(() => service.close());

test.each([
  ['over all services', histories(1), 300],
  ['on a crowded run', crowdedHistories(1), 350],
  ['when what is booked is cut', cutHistories(1), 300],
])(
  'whatever is commanded one after the other, the service does what the model does: %s',
  async (_name, arbitrary, runs) => {
    await expect(checkHistories(service, arbitrary, { runs })).resolves.toBeUndefined();
  },
);
