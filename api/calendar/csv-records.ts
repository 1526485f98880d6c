/** One record of a CSV file; `row` is the line it begins on, counted from 1 as a spreadsheet shows it. */
export type CsvRecord = { row: number; fields: string[] };

/** A quote that does not end, or text beside a quoted field; nothing after it can be trusted. */
export type CsvQuoteProblem = { row: number; name: 'bad-quote' };

/** What may stand between fields. */
export type CsvSeparator = ',' | ';' | '\t';

/** A quoted field, or a bare one, and what is after it: the separator, end of line, or end of file. */
const fieldBefore = (separator: CsvSeparator): RegExp =>
  new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`, 'y');

/**
 * Reads RFC 4180 text: commas (or what a spreadsheet writes instead), doubled quotes, line breaks within quotes, any line ending, an
 * optional byte order mark. Empty lines are left out. The records up to a bad quote are returned beside the problem.
 */
export function readCsv(
  text: string,
  betweenFields: CsvSeparator = ',',
): { records: CsvRecord[]; problem: CsvQuoteProblem | null } {
  const records: CsvRecord[] = [];
  const field = fieldBefore(betweenFields);
  field.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  let row = 1;
  let record: CsvRecord = { row, fields: [] };

  while (field.lastIndex < text.length || record.fields.length > 0) {
    const match = field.exec(text);
    if (match === null) return { records, problem: { row: record.row, name: 'bad-quote' } };
    const [whole, quoted, bare, separator] = match;
    record.fields.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    row += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (separator === betweenFields) continue;
    if (!isEmptyLine(record, quoted)) records.push(record);
    record = { row, fields: [] };
  }
  return { records, problem: null };
}

/** One line of CSV with its line ending; fields are quoted only where they must be. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(quoteIfNeeded).join(',')}\r\n`;
}

function isEmptyLine(record: CsvRecord, quoted: string | undefined): boolean {
  return record.fields.length === 1 && record.fields[0] === '' && quoted === undefined;
}

function quoteIfNeeded(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
