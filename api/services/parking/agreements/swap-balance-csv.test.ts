import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from '../../../calendar/csv-records.ts';
import { cell, swapBalanceCsv } from './swap-balance-csv.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['+8613800000001', "'+8613800000001"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', `"'\rx"`],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['光启园', '光启园'],
])('the cell %j is written %j', (text, written) => expect(cell(text)).toBe(written));

test('begins with a byte order mark, ends its lines with CR LF, and reads back as it was, with names of any kind', () => {
  const name = fc.record({ zh: fc.string(), en: fc.string() });
  fc.assert(
    fc.property(name, name, fc.nat(1_000_000), (lender, agreement, lentMinutes) => {
      const party = { agreementId: 'x', name: agreement, lender: { id: 'y', name: lender } };
      const amounts = { lentMinutes, usedMinutes: 30 };
      const both = { first: amounts, second: amounts };
      const text = swapBalanceCsv(
        { first: party, second: party, months: [{ month: '2026-11', ...both }], total: both },
        'en',
      );
      expect(text.startsWith('\uFEFFMonth,')).toBe(true);
      expect(text.endsWith('\r\n')).toBe(true);
      const rows = readCsv(text.slice(1)).records;
      expect(rows).toHaveLength(5);
      const [month, from, what, , , minutes] = rows[1]!.fields;
      expect([month, minutes]).toEqual(['2026-11', String(lentMinutes)]);
      const asText = (shown: string) => (/^[=+\-@\t\r]/.test(shown) ? `'${shown}` : shown);
      expect([from, what]).toEqual([lender.en, agreement.en].map(asText));
    }),
  );
});
