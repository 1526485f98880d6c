/** A table of the feed: its columns, and a row of cells for each; null is an empty cell. */
export type Table = { columns: readonly string[]; rows: readonly (readonly (string | number | null)[])[] };

/** A table as GTFS wants its files: RFC 4180 in UTF-8 with a line of names first. */
export function csvOf({ columns, rows }: Table): string {
  return [columns, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

/** Quoted where it has to be. GTFS forbids line breaks and tabs in values, so that they become spaces. */
function cellOf(value: string | number | null): string {
  const text = String(value ?? '').replaceAll(/[\r\n\t]+/g, ' ');
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
