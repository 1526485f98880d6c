import { csvLine, readCsv } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import { InvalidTimeText, weekdayOf } from './time.ts';
import type { CalendarDay } from './working-days.ts';

/** What is wrong with a line of the file. `row` counts lines from 1, the header's; `value` is what stood there. */
export type CalendarCsvProblem = {
  row: number;
  column: (typeof COLUMNS)[number] | null;
  name: CalendarCsvProblemName;
  value: string;
};

export type CalendarCsvProblemName =
  | 'bad-header'
  | 'bad-quote'
  | 'wrong-field-count'
  | 'bad-date'
  | 'duplicate-date'
  | 'bad-kind'
  | 'name-in-one-language'
  | 'bad-text'
  | 'missing-source'
  | 'too-many-rows'
  | 'no-days';

export type CalendarCsvResult = { ok: true; days: CalendarDay[] } | { ok: false; problems: CalendarCsvProblem[] };

const COLUMNS = ['date', 'kind', 'name_zh', 'name_en', 'source'] as const;
const MAX_ROWS = 4_000;
const MAX_TEXT_LENGTH = 100;

/**
 * Reads the calendar format `date,kind,name_zh,name_en,source` (db/seed/calendar-2026.csv). Every day takes the given status: the
 * format has no column for it, because one file is one notice. All problems of the file are returned at once, or else all its days
 * in the file's order.
 */
export function parseCalendarCsv(text: string, status: CalendarDay['status'] = 'published'): CalendarCsvResult {
  const { records, problem } = readCsv(text);
  const [header, ...rows] = records;
  if (header === undefined || !isHeader(header)) {
    return {
      ok: false,
      problems: readable([{ row: 1, column: null, name: 'bad-header', value: header?.fields.join(',') ?? '' }]),
    };
  }
  if (rows.length > MAX_ROWS) {
    return {
      ok: false,
      problems: [{ row: MAX_ROWS + 2, column: null, name: 'too-many-rows', value: `${rows.length}` }],
    };
  }

  const problems = [...rows.flatMap(problemsOf), ...repeatedDates(rows)];
  if (problem !== null) problems.push({ row: problem.row, column: null, name: problem.name, value: '' });
  if (problems.length === 0 && rows.length === 0) problems.push({ row: 1, column: null, name: 'no-days', value: '' });
  if (problems.length > 0) return { ok: false, problems: readable(problems) };
  return { ok: true, days: rows.map((row) => dayOf(row, status)) };
}

/**
 * Writes published days in the format that `parseCalendarCsv` reads, by date. Provisional days are left out: the format has no
 * column for the status, and an import would publish them.
 */
export function formatCalendarCsv(days: readonly CalendarDay[]): string {
  const published = days.filter((day) => day.status === 'published').toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const lines = published.map((day) =>
    csvLine([day.date, day.kind, day.name?.zh ?? '', day.name?.en ?? '', day.source]),
  );
  return csvLine(COLUMNS) + lines.join('');
}

function isHeader(record: CsvRecord): boolean {
  return trimmed(record).join(',').toLowerCase() === COLUMNS.join(',');
}

function problemsOf(record: CsvRecord): CalendarCsvProblem[] {
  const { row } = record;
  const fields = trimmed(record);
  if (fields.length !== COLUMNS.length)
    return [{ row, column: null, name: 'wrong-field-count', value: fields.join(',') }];

  const [date, kind, zh, en, source] = fields as [string, string, string, string, string];
  const problems: CalendarCsvProblem[] = [];
  if (!isDate(date)) problems.push({ row, column: 'date', name: 'bad-date', value: date });
  if (kind !== 'off' && kind !== 'workday') problems.push({ row, column: 'kind', name: 'bad-kind', value: kind });
  if (zh === '' && en !== '') problems.push({ row, column: 'name_zh', name: 'name-in-one-language', value: en });
  if (en === '' && zh !== '') problems.push({ row, column: 'name_en', name: 'name-in-one-language', value: zh });
  if (source === '') problems.push({ row, column: 'source', name: 'missing-source', value: '' });
  for (const [column, value] of [
    ['name_zh', zh],
    ['name_en', en],
    ['source', source],
  ] as const) {
    if (!isPlainText(value)) problems.push({ row, column, name: 'bad-text', value });
  }
  return problems;
}

function repeatedDates(rows: readonly CsvRecord[]): CalendarCsvProblem[] {
  const seen = new Set<string>();
  return rows.flatMap((record) => {
    const date = trimmed(record)[0] ?? '';
    if (!seen.has(date)) {
      seen.add(date);
      return [];
    }
    return [{ row: record.row, column: 'date', name: 'duplicate-date', value: date } as const];
  });
}

function dayOf(record: CsvRecord, status: CalendarDay['status']): CalendarDay {
  const [date, kind, zh, en, source] = trimmed(record) as [string, CalendarDay['kind'], string, string, string];
  return { date, kind, name: zh === '' ? null : { zh, en }, source, status };
}

/** By row, with values short enough to show. */
function readable(problems: CalendarCsvProblem[]): CalendarCsvProblem[] {
  return problems
    .toSorted((a, b) => a.row - b.row)
    .map((problem) => ({ ...problem, value: problem.value.slice(0, MAX_TEXT_LENGTH) }));
}

function trimmed(record: CsvRecord): string[] {
  return record.fields.map((field) => field.trim());
}

function isDate(text: string): boolean {
  try {
    return weekdayOf(text) > 0;
  } catch (error) {
    if (error instanceof InvalidTimeText) return false;
    throw error;
  }
}

/** One line that no spreadsheet takes for a formula when the calendar is exported and opened. */
function isPlainText(text: string): boolean {
  return text.length <= MAX_TEXT_LENGTH && !/^[=+\-@]|\p{Cc}/u.test(text);
}
