import type { z } from 'zod';
import { toText } from '../calendar/time.ts';
import { csvLine } from '../calendar/csv-records.ts';
import { maskPhone } from './phone.ts';
import { maskPlate, parsePlate } from './plate.ts';
import { ruleText } from './refusal-response.ts';
import type { Import } from './roster-imports.ts';
import type { ImportPlan, ReportRow } from './roster-plan.ts';
import type { importSummary, ReportRowAnswer, rosterVehicleAnswer } from './roster-schemas.ts';
import type { RosterVehicle } from './rosters.ts';

/** How a roster is shown: masked for everybody but its own committee. */
export type View = { zone: string; isMasked: boolean };

/** A car of a roster as the API shows it. */
export function presentVehicle(vehicle: RosterVehicle, { zone, isMasked }: View): z.infer<typeof rosterVehicleAnswer> {
  const { id, plate, phone, note, validFrom, validTo, addedAt } = vehicle;
  return {
    id,
    plate: shownPlate(plate, isMasked),
    phone: phone !== null && isMasked ? maskPhone(phone) : phone,
    note,
    validFrom,
    validTo,
    addedAt: toText(addedAt, zone),
  };
}

/** An import as the API shows it, without its rows. */
export function presentImport(made: Import, by: string, zone: string): z.infer<typeof importSummary> {
  const { id, fileName, mode, counts, verified, unverified } = made;
  const undoneAt = made.undoneAt === null ? null : toText(made.undoneAt, zone);
  return { id, fileName, mode, at: toText(made.at, zone), by, counts, verified, unverified, undoneAt };
}

/** The rows of a report. */
export function presentRows(report: ImportPlan['report'], isMasked: boolean): ReportRowAnswer[] {
  return report.map(({ row, plate, outcome, fault }) => ({
    row,
    plate: shownPlate(plate, isMasked),
    outcome,
    rule: fault?.rule ?? null,
    column: fault?.column ?? null,
    why: fault ? ruleText(fault.rule, fault.plateFault) : null,
    sameAsRow: fault?.sameAsRow ?? null,
  }));
}

/** A whole roster as CSV, with headings that an import reads. */
export function rosterCsv(vehicles: Iterable<RosterVehicle>, language: 'zh' | 'en'): string {
  const header = {
    zh: ['车牌', '手机', '备注', '生效日期', '失效日期'],
    en: ['plate', 'phone', 'note', 'valid from', 'valid to'],
  }[language];
  const lines = [...vehicles].map(({ plate, phone, note, validFrom, validTo }) =>
    safeLine([plate, nationalPhone(phone), note, validFrom ?? '', validTo ?? '']),
  );
  return byteOrderMark + csvLine(header) + lines.join('');
}

/** A report as CSV, row by row. */
export function reportCsv(report: readonly ReportRow[], language: 'zh' | 'en'): string {
  const header = {
    zh: ['行', '车牌', '手机', '备注', '结果', '规则', '列', '说明'],
    en: ['row', 'plate', 'phone', 'note', 'outcome', 'rule', 'column', 'why'],
  }[language];
  const lines = report.map(({ row, plate, phone, note, outcome, fault }) =>
    safeLine([
      row === null ? '' : String(row),
      plate,
      nationalPhone(phone),
      note,
      outcome,
      fault?.rule ?? '',
      fault?.column ?? '',
      fault ? ruleText(fault.rule, fault.plateFault)[language] : '',
    ]),
  );
  return byteOrderMark + csvLine(header) + lines.join('');
}

/** Without it spreadsheets here take UTF-8 for GB 18030. */
const byteOrderMark = '\uFEFF';

const nationalPhone = (phone: string | null): string => phone?.replace('+86', '') ?? '';

/** A line in which no field is a formula to a spreadsheet: OWASP, CSV injection. */
function safeLine(fields: readonly string[]): string {
  return csvLine(fields.map((field) => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field)));
}

function shownPlate(plate: string, isMasked: boolean): string {
  if (!isMasked) return plate;
  return parsePlate(plate) === null ? '***' : maskPlate(plate);
}
