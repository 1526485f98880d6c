import { SaxesParser } from 'saxes';

/** A cell as it stands in a file; a formula is never computed, nor is its last result taken for a fact. */
export type Cell = { text: string; isFormula: boolean };

/** A row of a file; `row` counts from 1 as a spreadsheet shows it. */
export type TableRow = { row: number; cells: Cell[] };

/** The parts of a workbook by their paths in lower case, as text. */
export type SheetParts = ReadonlyMap<string, string>;

/**
 * The cells of a workbook's first sheet, ECMA-376 part 1 (18.3 worksheets, 18.4 shared strings): texts and numbers as they are stored, no
 * dates, no styles. Null when it is no workbook. The parser knows no entities but those of XML itself, so that none can grow.
 */
export function readSheet(
  parts: SheetParts,
  limits: { maxRows: number; maxCells: number },
): TableRow[] | 'too-many-rows' | null {
  try {
    const sheet = parts.get(firstSheet(parts));
    if (sheet === undefined) return null;
    return rowsOf(sheet, sharedStrings(parts.get('xl/sharedstrings.xml') ?? ''), limits);
  } catch (error) {
    if (error instanceof TooManyRows) return 'too-many-rows';
    if (error instanceof BadXml) return null;
    throw error;
  }
}

class BadXml extends Error {
  override name = 'BadXml';
}

class TooManyRows extends Error {
  override name = 'TooManyRows';
}

type Attributes = Readonly<Record<string, string>>;
type Handlers = {
  open?: (name: string, attributes: Attributes) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
};

/** Goes through a document; names come without their prefix. @throws BadXml */
function walk(xml: string, handlers: Handlers): void {
  if (xml === '') return;
  const parser = new SaxesParser();
  const local = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('error', ({ message }) => {
    throw new BadXml(message);
  });
  parser.on('opentag', ({ name, attributes }) => handlers.open?.(local(name), attributes));
  parser.on('closetag', ({ name }) => handlers.close?.(local(name)));
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  parser.write(xml).close();
}

/** The path of the sheet that the workbook names first. */
function firstSheet(parts: SheetParts): string {
  let id: string | undefined;
  walk(parts.get('xl/workbook.xml') ?? '', {
    open: (name, attributes) => {
      if (name === 'sheet') id ??= attributes['r:id'];
    },
  });
  let target: string | undefined;
  walk(parts.get('xl/_rels/workbook.xml.rels') ?? '', {
    open: (name, { Id, Target }) => {
      if (name === 'Relationship' && Id === id) target ??= Target;
    },
  });
  const path = target ?? 'worksheets/sheet1.xml';
  return (path.startsWith('/') ? path.slice(1) : `xl/${path}`).toLowerCase();
}

/** Texts that cells share, by number; how they are to be pronounced (`rPh`) is no part of them. */
function sharedStrings(xml: string): string[] {
  const strings: string[] = [];
  let text = '';
  let isText = false;
  let isSound = false;
  walk(xml, {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 'rPh') isSound = true;
      isText = name === 't' && !isSound;
    },
    text: (more) => {
      if (isText) text += more;
    },
    close: (name) => {
      if (name === 't') isText = false;
      if (name === 'rPh') isSound = false;
      if (name === 'si') strings.push(text);
    },
  });
  return strings;
}

function rowsOf(xml: string, shared: readonly string[], limits: { maxRows: number; maxCells: number }): TableRow[] {
  const rows: TableRow[] = [];
  let row: TableRow = { row: 0, cells: [] };
  let cell = { column: 0, type: '', value: '', isFormula: false };
  let isValue = false;
  walk(xml, {
    open: (name, { r, t }) => {
      if (name === 'row') row = { row: Number(r ?? row.row + 1), cells: [] };
      if (name === 'c') cell = { column: columnOf(r) ?? row.cells.length, type: t ?? 'n', value: '', isFormula: false };
      if (name === 'f') cell.isFormula = true;
      isValue = name === 'v' || name === 't';
    },
    text: (more) => {
      if (isValue) cell.value += more;
    },
    close: (name) => {
      if (name === 'v' || name === 't') isValue = false;
      if (name === 'c' && cell.column < limits.maxCells) row.cells[cell.column] = cellOf(cell, shared);
      if (name !== 'row' || !row.cells.some(({ text, isFormula }) => text !== '' || isFormula)) return;
      rows.push({ row: row.row, cells: Array.from(row.cells, (known) => known ?? { text: '', isFormula: false }) });
      if (rows.length > limits.maxRows) throw new TooManyRows();
    },
  });
  return rows;
}

function cellOf(cell: { type: string; value: string; isFormula: boolean }, shared: readonly string[]): Cell {
  const stored = cell.type === 's' ? (shared[Number(cell.value)] ?? '') : cell.value;
  // A phone typed as a number may be stored as 1.3800000001E10.
  const isNumber = cell.type === 'n' && /^[\d.]+E\+?\d+$/i.test(stored);
  return { text: (isNumber ? String(Number(stored)) : stored).trim(), isFormula: cell.isFormula };
}

/** `C7` → 2; null without a reference, when cells simply follow one another. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? '')?.[0];
  if (letters === undefined) return null;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
