/** `¥15`, `¥25.50`, from integer fen; the fen are shown only where there are some. */
export function money(fen: number): string {
  const sign = fen < 0 ? '−' : '';
  const yuan = Math.floor(Math.abs(fen) / 100).toLocaleString('en-US');
  const rest = Math.abs(fen) % 100;
  return rest === 0 ? `${sign}¥${yuan}` : `${sign}¥${yuan}.${String(rest).padStart(2, '0')}`;
}
