import { expect } from 'vitest';
import { examine, type Diagnosis } from '../../api/engine/doctor.ts';
import type { Db } from '../../db/db.ts';

const sound: Diagnosis = { broken: [], cutRules: [] };

/** Fails with the rows that break an invariant. */
export async function expectInvariants(db: Db): Promise<void> {
  expect(await examine(db)).toEqual(sound);
}
