import type * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { freshDatabase, lookForDeadlocksSoon } from '../support/fresh-database.ts';
import type { Wrap } from '../support/racing.ts';
import { withOnePassTooMany, withoutPromotion, withoutRowLocks } from '../support/unguarded.ts';
import { checkHistories } from './check.ts';
import { crowdedHistories, cutHistories, type History } from './history.ts';
import { startService } from './service.ts';

const faults: [string, Wrap, fc.Arbitrary<History>, number][] = [
  ['row locks are taken away', withoutRowLocks, crowdedHistories(4), 400],
  ['row locks are taken away while something is cut', withoutRowLocks, cutHistories(4), 400],
  ['nobody is served when something comes free', withoutPromotion, crowdedHistories(1), 200],
  ['somebody is passed once too often', withOnePassTooMany, crowdedHistories(1), 400],
];

test.each(faults)('control: the model sees it when %s', async (_name, wrap, arbitrary, runs) => {
  const url = await freshDatabase();
  await lookForDeadlocksSoon(url);
  const service = await startService(await Promise.all([1, 2, 3].map(() => openDb({ url, connections: 4 }))), wrap);
  try {
    await expect(checkHistories(service, arbitrary, { runs, isShrinking: false })).rejects.toThrow(
      /No serial order|the doctor found/,
    );
  } finally {
    await service.close();
  }
});
