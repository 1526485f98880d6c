import type { ReadRow, RosterEntry, RowFault } from './roster-rows.ts';

export type ImportMode = 'add' | 'replace';

/** What an import does with a row of the file, or, in a replacement, with a car that the file does not name. */
export type ReportRow = {
  /** Null: no row of the file. */
  row: number | null;
  plate: string;
  phone: string | null;
  note: string;
  outcome: 'added' | 'changed' | 'unchanged' | 'removed' | 'refused';
  fault?: RowFault;
};

export type ImportPlan = {
  report: ReportRow[];
  counts: Record<ReportRow['outcome'], number>;
  /** To be written: those that are new, and those that differ. */
  write: RosterEntry[];
  /** Plates to be taken off. */
  remove: string[];
};

/**
 * Compares a file with the roster as it is. Refused rows change nothing, so that a slip in one does not take its car off; in a replacement,
 * cars that no row names go.
 */
export function planImport(
  rows: readonly ReadRow[],
  current: ReadonlyMap<string, RosterEntry>,
  mode: ImportMode,
): ImportPlan {
  const plan: ImportPlan = {
    report: [],
    counts: { added: 0, changed: 0, unchanged: 0, removed: 0, refused: 0 },
    write: [],
    remove: [],
  };
  const named = new Set<string>();
  const say = (line: ReportRow): void => {
    plan.report.push(line);
    plan.counts[line.outcome]++;
  };
  for (const read of rows) {
    if (!read.ok) {
      named.add(read.written);
      say({ row: read.row, plate: read.written, phone: null, note: '', outcome: 'refused', fault: read.fault });
      continue;
    }
    const { plate, phone, note } = read.entry;
    const known = current.get(plate);
    const outcome = known === undefined ? 'added' : isSame(known, read.entry) ? 'unchanged' : 'changed';
    named.add(plate);
    if (outcome !== 'unchanged') plan.write.push(read.entry);
    say({ row: read.row, plate, phone, note, outcome });
  }
  if (mode === 'add') return plan;
  for (const { plate, phone, note } of current.values()) {
    if (named.has(plate)) continue;
    plan.remove.push(plate);
    say({ row: null, plate, phone, note, outcome: 'removed' });
  }
  return plan;
}

function isSame(a: RosterEntry, b: RosterEntry): boolean {
  return a.phone === b.phone && a.note === b.note && a.validFrom === b.validFrom && a.validTo === b.validTo;
}
