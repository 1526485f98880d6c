import type { Localized, SwapBalanceAnswer } from './agreement-schemas.ts';

/** What a spreadsheet would take for a formula, as OWASP lists it: then it is quoted as text. */
const formula = /^[=+\-@\t\r]/;

/** So that spreadsheets read it as UTF-8. */
const byteOrderMark = '\uFEFF';

/** A swap balance as a table: RFC 4180, a line for each month and side, and the totals. Hours to the hundredth beside exact minutes. */
export function swapBalanceCsv(balance: SwapBalanceAnswer, language: 'zh' | 'en'): string {
  const head = {
    zh: ['月份', '出借方', '协议', '借出（车位小时）', '被使用（车位小时）', '借出（车位分钟）', '被使用（车位分钟）'],
    en: [
      'Month',
      'Lender',
      'Agreement',
      'Lent (space-hours)',
      'Used (space-hours)',
      'Lent (space-minutes)',
      'Used (space-minutes)',
    ],
  }[language];
  const name = (text: Localized): string => text[language];
  const sides = ['first', 'second'] as const;
  const months = [...balance.months, { month: { zh: '合计', en: 'Total' }[language], ...balance.total }];
  const lines = months.flatMap(({ month, ...amounts }) =>
    sides.map((side) => {
      const { lentMinutes, usedMinutes } = amounts[side];
      const party = balance[side];
      return [
        ...[month, name(party.lender.name), name(party.name)],
        ...[hours(lentMinutes), hours(usedMinutes), String(lentMinutes), String(usedMinutes)],
      ];
    }),
  );
  return byteOrderMark + [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

const hours = (minutes: number): string => (minutes / 60).toFixed(2);

/** One cell: never a formula, and quoted where it has to be. */
export function cell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
