import { Unzip, UnzipInflate, type UnzipFile } from 'fflate';
import { readCsv, type CsvSeparator } from '../calendar/csv-records.ts';
import { readSheet, type Cell, type SheetParts, type TableRow } from './xlsx-sheet.ts';

export type TableFault = 'file-unreadable' | 'file-too-large' | 'too-many-rows';
export type Table = { ok: true; rows: TableRow[] } | { ok: false; rule: TableFault };

/** Rows under the header that a file may have. */
export const maxRows = 5_000;
/** What a sheet may unpack to: 5,000 rows take less than 2 MiB, and a zip bomb a thousand times as much as its file. */
const maxUnpackedBytes = 4 * 1024 * 1024;
const maxCells = 32;

/** Reads a spreadsheet file, XLSX or text in any of the usual encodings, into rows of cells. All of it is bounded. */
export function readTable(bytes: Uint8Array): Table {
  const table = isZip(bytes) ? readWorkbook(bytes) : readText(bytes);
  if (table.ok && table.rows.length > maxRows + 1) return { ok: false, rule: 'too-many-rows' };
  return table;
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

function readText(bytes: Uint8Array): Table {
  const text = decoded(bytes);
  // Control characters are of a binary file, whatever it is called.
  if (text === null || /[^\P{Cc}\t\r\n]/u.test(text)) return { ok: false, rule: 'file-unreadable' };
  const { records, problem } = readCsv(text, separatorOf(text));
  if (problem !== null) return { ok: false, rule: 'file-unreadable' };
  const rows = records.map(({ row, fields }) => ({ row, cells: fields.slice(0, maxCells).map(textCell) }));
  return { ok: true, rows: rows.filter(({ cells }) => cells.some(({ text: said }) => said !== '')) };
}

/** Spreadsheets take a text that begins so for a formula. */
function textCell(field: string): Cell {
  const text = field.trim();
  return { text, isFormula: /^[=@]/.test(text) };
}

/** UTF-8, with or without its mark; else UTF-16 by its mark; else GB 18030, which spreadsheets here write by themselves. */
function decoded(bytes: Uint8Array): string | null {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  for (const encoding of isWide ? ['utf-16le'] : ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not this one: the next is tried.
    }
  }
  return null;
}

/** What stands most often between the names of the first line. */
function separatorOf(text: string): CsvSeparator {
  const [header = ''] = text.split(/\r|\n/, 1);
  const counted = ([',', ';', '\t'] as const).map((separator) => ({
    separator,
    count: header.split(separator).length,
  }));
  return counted.toSorted((a, b) => b.count - a.count)[0]?.separator ?? ',';
}

function readWorkbook(bytes: Uint8Array): Table {
  const parts = unpacked(bytes);
  if (typeof parts === 'string') return { ok: false, rule: parts };
  const rows = readSheet(parts, { maxRows: maxRows + 1, maxCells });
  if (rows === null) return { ok: false, rule: 'file-unreadable' };
  return rows === 'too-many-rows' ? { ok: false, rule: rows } : { ok: true, rows };
}

const wanted = /^xl\/(workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|worksheets\/[^/]+\.xml)$/i;

/**
 * Unpacks the parts of a workbook that say what its cells are, up to a bound that is counted as they come out: what the file says of its
 * own size may be a lie.
 */
function unpacked(bytes: Uint8Array): SheetParts | 'file-unreadable' | 'file-too-large' {
  const parts = new Map<string, Uint8Array[]>();
  let total = 0;
  let fault: 'file-unreadable' | 'file-too-large' | null = null;
  const isStopped = (): boolean => fault !== null;
  const unzip = new Unzip((file: UnzipFile) => {
    if (fault !== null || !wanted.test(file.name)) return;
    const chunks: Uint8Array[] = [];
    parts.set(file.name, chunks);
    file.ondata = (error, chunk) => {
      if (error) fault ??= 'file-unreadable';
      total += chunk?.length ?? 0;
      if (total > maxUnpackedBytes) fault ??= 'file-too-large';
      if (fault === null) chunks.push(chunk);
      else file.terminate();
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    // In small pieces: a piece of a bomb unpacks to a thousand times its size before it can be stopped.
    const piece = 4 * 1024;
    for (let start = 0; start < bytes.length; start += piece) {
      unzip.push(bytes.subarray(start, start + piece), start + piece >= bytes.length);
      if (isStopped()) break;
    }
  } catch {
    // A broken archive: whoever sent it is told that it cannot be read.
    fault ??= 'file-unreadable';
  }
  if (fault !== null) return fault;
  const decoder = new TextDecoder();
  return new Map([...parts].map(([name, chunks]) => [name.toLowerCase(), decoder.decode(joined(chunks))]));
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
