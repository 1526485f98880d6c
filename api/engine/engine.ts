import type { OpenDb } from '../../db/db.ts';
import { createAdmission, type AdmissionLimits } from './admit.ts';

/** The one writer of inventory in this process. */
export type Engine = ReturnType<typeof createAdmission>;

/** Starts the engine over a database; it does nothing until it is asked. */
export function createEngine(db: OpenDb, limits: AdmissionLimits): Engine {
  return createAdmission(db, limits);
}
