import { z } from 'zod';
import { id, instantText, isoDate, localized, pageQuery } from '../http/schemas.ts';

export const rosterParam = z.object({ organisationId: id });
export const rosterVehicleParam = rosterParam.extend({ id: z.uuid() });

export const rosterAnswer = z
  .object({
    organisationId: id,
    name: localized,
    vehicles: z.int(),
    masked: z.boolean().meta({ description: 'plates and phones are masked for everybody but its own committee' }),
  })
  .meta({ id: 'Roster' });

export const rosterVehicleAnswer = z
  .object({
    id,
    plate: z.string(),
    phone: z.string().nullable(),
    note: z.string(),
    validFrom: isoDate.nullable(),
    validTo: isoDate.nullable(),
    addedAt: instantText,
  })
  .meta({ id: 'RosterVehicle' });

export const rosterQuery = z.strictObject({
  ...pageQuery,
  tail: z
    .string()
    .regex(/^[A-Za-z0-9学警领使挂港澳]{1,4}$/u)
    .optional()
    .meta({ description: 'the last characters of a plate, four at most: a whole plate has no place in an address' }),
});

/** Checked by the rules of a roster's rows, which name what is wrong. */
export const rosterEntryRequest = z.strictObject({
  plate: z.string().max(100),
  phone: z.string().max(100).default(''),
  note: z.string().max(200).default(''),
  validFrom: z.string().max(20).default(''),
  validTo: z.string().max(20).default(''),
});

export const importQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false'),
  mode: z.enum(['add', 'replace']).default('add'),
});

const counts = z.object({
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  removed: z.int(),
  refused: z.int(),
});

const rowAnswer = z.object({
  row: z
    .int()
    .nullable()
    .meta({ description: 'as a spreadsheet counts; null for a vehicle that the file does not name' }),
  plate: z.string(),
  outcome: z.enum(['added', 'changed', 'unchanged', 'removed', 'refused']),
  rule: z.string().nullable(),
  column: z.enum(['plate', 'phone', 'note', 'validFrom', 'validTo', 'other']).nullable(),
  why: localized.nullable(),
  sameAsRow: z.int().nullable(),
});
export type ReportRowAnswer = z.infer<typeof rowAnswer>;

export const importSummary = z
  .object({
    id: id.nullable().meta({ description: 'null: a dry run' }),
    fileName: z.string(),
    mode: z.enum(['add', 'replace']),
    at: instantText,
    by: z.string().meta({ description: 'masked' }),
    counts,
    verified: z.int().nullable().meta({ description: 'vehicles that it verified; null: a dry run' }),
    unverified: z.int().nullable(),
    undoneAt: instantText.nullable(),
  })
  .meta({ id: 'RosterImport' });

export const importReport = importSummary.extend({ rows: z.array(rowAnswer) }).meta({ id: 'RosterImportReport' });
export const undoneAnswer = z.object({ verified: z.int(), unverified: z.int() });
export const removedAnswer = z.object({ unverified: z.int() });
