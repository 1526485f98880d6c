import { plusDays, type IsoDate } from '../calendar/time.ts';
import { isoDate } from '../http/schemas.ts';
import { normalisePhone } from './phone.ts';
import { parsePlate, plateFault, type PlateFault } from './plate.ts';
import { containsResidentId } from './resident-id.ts';
import type { Cell, TableRow } from './xlsx-sheet.ts';

/** What a roster says of one car. */
export type RosterEntry = {
  plate: string;
  /** E.164. */
  phone: string | null;
  note: string;
  validFrom: IsoDate | null;
  validTo: IsoDate | null;
};

export type RosterColumn = 'plate' | 'phone' | 'note' | 'validFrom' | 'validTo';
export type RowRule =
  | 'plate-invalid'
  | 'phone-invalid'
  | 'identity-number'
  | 'note-invalid'
  | 'date-invalid'
  | 'dates-out-of-order'
  | 'duplicate-row'
  | 'formula-in-cell';

/** Why a row is not taken: the rule, the column, and what else helps to mend it. */
export type RowFault = { rule: RowRule; column: RosterColumn | 'other'; plateFault?: PlateFault; sameAsRow?: number };

/** `written`: the plate, or what stands in its place, to find the row by; empty where that must not be repeated. */
export type ReadRow = { row: number; written: string } & (
  { ok: true; entry: RosterEntry } | { ok: false; fault: RowFault }
);

export type ReadRoster = { ok: true; rows: ReadRow[] } | { ok: false; rule: 'no-plate-column' | 'no-rows' };

const maxNoteLength = 60;

/** What people call the columns, without spaces and case. */
const headings: Record<RosterColumn, readonly string[]> = {
  plate: ['车牌', '车牌号', '车牌号码', '号牌', 'plate', 'platenumber', 'licenceplate', 'licenseplate'],
  phone: ['手机', '手机号', '手机号码', '电话', '联系电话', 'phone', 'mobile', 'phonenumber'],
  note: ['备注', '说明', '住户', '楼栋', 'note', 'notes', 'remark', 'household'],
  validFrom: ['生效日期', '有效期起', '起始日期', 'validfrom', 'from'],
  validTo: ['失效日期', '有效期止', '截止日期', 'validto', 'until', 'to'],
};

/** Reads the rows of a roster under their header, each one taken or refused by a rule; a plate counts where it stands first. */
export function readRoster(table: readonly TableRow[]): ReadRoster {
  const [header, ...body] = table;
  if (header === undefined || body.length === 0) return { ok: false, rule: 'no-rows' };
  const columns = header.cells.map(({ text }) => columnNamed(text));
  if (!columns.includes('plate')) return { ok: false, rule: 'no-plate-column' };
  const seen = new Map<string, number>();
  const rows = body.map((line) => {
    const read = readRow(line, columns);
    if (!read.ok) return read;
    const sameAsRow = seen.get(read.entry.plate);
    if (sameAsRow !== undefined) {
      const fault: RowFault = { rule: 'duplicate-row', column: 'plate', sameAsRow };
      return { row: read.row, written: read.written, ok: false as const, fault };
    }
    seen.set(read.entry.plate, read.row);
    return read;
  });
  return { ok: true, rows };
}

/** Checks one car as somebody typed it. */
export function readEntry(typed: Record<RosterColumn, string>): ReadRow {
  const columns = Object.keys(headings) as RosterColumn[];
  return readRow(
    { row: 1, cells: columns.map((column) => ({ text: typed[column].trim(), isFormula: false })) },
    columns,
  );
}

function columnNamed(heading: string): RosterColumn | null {
  const name = heading
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-*:：()（）]/g, '');
  const found = Object.entries(headings).find(([, names]) => names.includes(name));
  return (found?.[0] as RosterColumn | undefined) ?? null;
}

function readRow({ row, cells }: TableRow, columns: readonly (RosterColumn | null)[]): ReadRow {
  const at = (column: RosterColumn): string => cells[columns.indexOf(column)]?.text ?? '';
  const fault = cellFault(cells, columns);
  const plate = parsePlate(at('plate'));
  const written = plate?.plate ?? (fault?.rule === 'identity-number' ? '' : at('plate').slice(0, 20));
  const refused = (rule: RowRule, column: RosterColumn, more: Partial<RowFault> = {}): ReadRow => ({
    row,
    written,
    ok: false,
    fault: { rule, column, ...more },
  });
  if (fault !== null) return { row, written, ok: false, fault };
  if (plate === null) return refused('plate-invalid', 'plate', { plateFault: plateFault(at('plate')) ?? 'length' });
  const phone = normalisePhone(at('phone'));
  if (phone === null && at('phone') !== '') return refused('phone-invalid', 'phone');
  const note = at('note');
  if (note.length > maxNoteLength || /[\p{Cc}\p{Cs}]/u.test(note)) return refused('note-invalid', 'note');
  const [validFrom, validTo] = [dateIn(at('validFrom')), dateIn(at('validTo'))];
  if (validFrom === undefined) return refused('date-invalid', 'validFrom');
  if (validTo === undefined) return refused('date-invalid', 'validTo');
  if (validFrom !== null && validTo !== null && validTo < validFrom) return refused('dates-out-of-order', 'validTo');
  return { row, written, ok: true, entry: { plate: plate.plate, phone, note, validFrom, validTo } };
}

/** No cell may hold an identity number, whatever its column is called; and none that is read may be a formula. */
function cellFault(cells: readonly Cell[], columns: readonly (RosterColumn | null)[]): RowFault | null {
  const owner = cells.findIndex(({ text }) => containsResidentId(text));
  if (owner >= 0) return { rule: 'identity-number', column: columns[owner] ?? 'other' };
  const formula = cells.findIndex(({ isFormula }, index) => isFormula && (columns[index] ?? null) !== null);
  return formula < 0 ? null : { rule: 'formula-in-cell', column: columns[formula] ?? 'other' };
}

/** A date as `2026-12-31`, `2026/12/31`, or as a workbook counts days; null for none, undefined for what is no date. */
function dateIn(text: string): IsoDate | null | undefined {
  if (text === '') return null;
  if (/^\d{5}$/.test(text)) return plusDays('1899-12-30', Number(text));
  const [, year = '', month = '', day = ''] =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text.normalize('NFKC')) ?? [];
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isoDate.safeParse(written).success ? written : undefined;
}
