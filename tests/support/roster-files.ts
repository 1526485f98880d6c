import { strToU8, zipSync, type Zippable } from 'fflate';

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** A cell of a workbook: a text, a number, or a formula with its last result. */
export type WorkbookCell = string | number | { formula: string; last: string };

/** A workbook of one sheet as spreadsheets write them: shared strings, numbers, formulas. */
export function workbook(rows: readonly (readonly WorkbookCell[])[], more: Zippable = {}): Uint8Array<ArrayBuffer> {
  const strings: string[] = [];
  const sheet = rows.map(
    (cells, row) => `<row r="${row + 1}">${cells.map((cell, at) => cellXml(cell, at, row, strings)).join('')}</row>`,
  );
  const xml = (text: string) => strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${text}`);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  return new Uint8Array(
    zipSync({
      '[Content_Types].xml': xml('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
      'xl/workbook.xml': xml(
        `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="名册" sheetId="1" r:id="rId7"/></sheets></workbook>`,
      ),
      'xl/_rels/workbook.xml.rels': xml(
        `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      ),
      'xl/sharedStrings.xml': xml(
        `<sst xmlns="${main}">${strings.map((text) => `<si><r><t>${escaped(text)}</t></r><rPh sb="0" eb="1"><t>ignored</t></rPh></si>`).join('')}</sst>`,
      ),
      'xl/worksheets/sheet1.xml': xml(
        `<worksheet xmlns="${main}"><sheetData>${sheet.join('')}</sheetData></worksheet>`,
      ),
      ...more,
    }),
  );
}

function cellXml(cell: WorkbookCell, at: number, row: number, strings: string[]): string {
  const reference = `${String.fromCharCode(65 + at)}${row + 1}`;
  if (typeof cell === 'number') return `<c r="${reference}"><v>${cell.toExponential().toUpperCase()}</v></c>`;
  if (typeof cell === 'object')
    return `<c r="${reference}" t="str"><f>${escaped(cell.formula)}</f><v>${escaped(cell.last)}</v></c>`;
  if (cell === '') return '';
  return `<c r="${reference}" t="s"><v>${strings.push(cell) - 1}</v></c>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A roster as text, with the headings that people use here. */
export function csvOf(rows: readonly (readonly string[])[], separator = ','): string {
  return [['车牌', '手机', '备注'], ...rows].map((row) => row.join(separator)).join('\r\n');
}

/** Plates that differ, for as many rows as a test wants. */
export const plateNumber = (number: number): string => `沪C${String(number).padStart(5, '0')}`;

/** GB 18030, as spreadsheets here write CSV; of the characters of two bytes, which are all that rosters are written with. */
export function gb18030(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    [...text].flatMap((character) =>
      character < '\u0080' ? [character.charCodeAt(0)] : (twoBytes.get(character) ?? []),
    ),
  );
}

const twoBytes = allTwoBytes();

/** Turns the decoder of the runtime round. */
function allTwoBytes(): Map<string, readonly [number, number]> {
  const decoder = new TextDecoder('gb18030');
  const found = new Map<string, readonly [number, number]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail !== 0x7f) found.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail]);
    }
  }
  return found;
}
