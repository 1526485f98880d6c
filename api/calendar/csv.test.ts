import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCalendarCsv, parseCalendarCsv } from './csv.ts';
import { datesBetween } from './time.ts';
import type { CalendarDay } from './working-days.ts';

const HEADER = 'date,kind,name_zh,name_en,source';
const official = readFileSync(new URL('../../db/seed/calendar-2026.csv', import.meta.url), 'utf8');

describe('reading a calendar', () => {
  test('the official calendar of 2026 has 33 listed days off and 6 make-up days', () => {
    const days = daysOf(official);
    expect(days.filter((day) => day.kind === 'off')).toHaveLength(33);
    expect(days.filter((day) => day.kind === 'workday').map((day) => day.date)).toEqual([
      '2026-01-04',
      '2026-02-14',
      '2026-02-28',
      '2026-05-09',
      '2026-09-20',
      '2026-10-10',
    ]);
    expect(days[0]).toEqual({
      date: '2026-01-01',
      kind: 'off',
      name: { zh: '元旦', en: 'New Year' },
      source: 'public',
      status: 'published',
    });
  });

  test('quotes, doubled quotes, commas and spaces around fields are read', () => {
    const [day] = daysOf(`${HEADER}\n 2027-01-01 , off ,"元旦","New ""Year"", day one",public\n`);
    expect(day?.name).toEqual({ zh: '元旦', en: 'New "Year", day one' });
  });

  test("a spreadsheet's byte order mark, Windows line ends, empty lines and a missing last line end do no harm", () => {
    const days = daysOf(`\uFEFF${HEADER}\r\n\r\n2027-01-01,off,元旦,New Year,public\r\n\r\n2027-01-02,off,,,public`);
    expect(days.map((day) => day.date)).toEqual(['2027-01-01', '2027-01-02']);
  });

  test('a day without a name has none', () => {
    expect(daysOf(`${HEADER}\n2027-01-01,off,,,public`)[0]?.name).toBeNull();
  });

  test('the days take the status that is asked for', () => {
    const result = parseCalendarCsv(`${HEADER}\n2027-01-01,off,,,guess`, 'provisional');
    expect(result.ok && result.days[0]?.status).toBe('provisional');
  });
});

describe('refusing a calendar', () => {
  test.each([
    ['a date that is none', '2027-02-29,off,,,public', 'bad-date', 'date'],
    ['a date in another form', '2027/02/01,off,,,public', 'bad-date', 'date'],
    ['an unknown kind', '2027-02-01,holiday,,,public', 'bad-kind', 'kind'],
    ['a name without English', '2027-02-01,off,春节,,public', 'name-in-one-language', 'name_en'],
    ['a name without Chinese', '2027-02-01,off,,Spring Festival,public', 'name-in-one-language', 'name_zh'],
    ['no source', '2027-02-01,off,,,', 'missing-source', 'source'],
    ['a formula', '2027-02-01,off,"=HYPERLINK(""x"")",x,public', 'bad-text', 'name_zh'],
    ['a line break in a name', '2027-02-01,off,"春\n节",x,public', 'bad-text', 'name_zh'],
    ['a name of 101 characters', `2027-02-01,off,春节,${'x'.repeat(101)},public`, 'bad-text', 'name_en'],
    ['a missing field', '2027-02-01,off,春节,Spring Festival', 'wrong-field-count', null],
    ['one field too many', '2027-02-01,off,春节,Spring Festival,public,', 'wrong-field-count', null],
    ['a quote that does not end', '2027-02-01,off,"春节,Spring Festival,public', 'bad-quote', null],
    ['text behind a quote', '2027-02-01,off,"春节"x,Spring Festival,public', 'bad-quote', null],
    ['a date for the second time', '2027-01-01,off,,,public', 'duplicate-date', 'date'],
  ])('%s is named with its row and column', (_reason, line, name, column) => {
    expect(problemsOf(`${HEADER}\n2027-01-01,off,,,public\n${line}\n`)).toMatchObject([{ row: 3, column, name }]);
  });

  test('all problems come at once, in the order of the rows', () => {
    const problems = problemsOf(`${HEADER}\n2027-01-01,off,,,\nx,y,,,public\n2027-01-01,off,,,public`);
    expect(problems.map(({ row, name }) => [row, name])).toEqual([
      [2, 'missing-source'],
      [3, 'bad-date'],
      [3, 'bad-kind'],
      [4, 'duplicate-date'],
    ]);
  });

  test('rows are counted as the editor shows them, past empty lines and line breaks in quotes', () => {
    const problems = problemsOf(`${HEADER}\r\n\r\n2027-01-01,off,"a\r\nb",x,public\r\n2027-01-02,oof,,,public\r\n`);
    expect(problems.map(({ row, name }) => [row, name])).toEqual([
      [3, 'bad-text'],
      [5, 'bad-kind'],
    ]);
  });

  test.each([
    ['nothing', '', 'bad-header'],
    ['no header', '2027-01-01,off,,,public', 'bad-header'],
    ['other columns', 'date,kind\n2027-01-01,off', 'bad-header'],
    ['only a header', `${HEADER}\n`, 'no-days'],
    ['thousands of rows', `${HEADER}\n${'2027-01-01,off,,,public\n'.repeat(4_001)}`, 'too-many-rows'],
  ])('a file with %s is refused', (_reason, text, name) => {
    expect(problemsOf(text).map((problem) => problem.name)).toEqual([name]);
  });

  test('no text makes it throw', () => {
    const pieces = fc.constantFrom(HEADER, ',', '"', '\n', '\r', '2027-01-01', 'off', '=', '元旦', '\uFEFF', ' ', '\0');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((some) => some.join('')),
        ),
        (text) => {
          const result = parseCalendarCsv(text);
          expect(result.ok ? result.days.length : result.problems.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('writing a calendar', () => {
  test('the official file comes back as it was', () => {
    expect(formatCalendarCsv(daysOf(official)).replaceAll('\r\n', '\n')).toBe(official.replaceAll('\r\n', '\n'));
  });

  test('provisional days are left out, and the rest is in the order of the dates', () => {
    const [first, second, third] = daysOf(official);
    const text = formatCalendarCsv([third!, { ...second!, status: 'provisional' }, first!]);
    expect(daysOf(text)).toEqual([first, third]);
  });

  test('what was written reads back as the same days', () => {
    fc.assert(
      fc.property(someDays(), (days) => {
        fc.pre(days.length > 0);
        expect(daysOf(formatCalendarCsv(days))).toEqual(days);
      }),
    );
  });
});

function daysOf(text: string): CalendarDay[] {
  const result = parseCalendarCsv(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.days;
}

function problemsOf(text: string) {
  const result = parseCalendarCsv(text);
  return result.ok ? [] : result.problems;
}

/** Published days in the order of their dates, with names that need quoting. */
function someDays(): fc.Arbitrary<CalendarDay[]> {
  const text = fc
    .array(fc.constantFrom('春', 'New', ' ', '"', ',', '·', '😀', "'"), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join('').trim())
    .filter((name) => name !== '');
  const name = fc.option(fc.record({ zh: text, en: text }));
  const dates = fc.subarray(datesBetween('2027-01-01', '2027-12-31'));
  const shape = fc.record({ kind: fc.constantFrom('off' as const, 'workday' as const), name, source: text });
  return dates.chain((chosen) =>
    fc
      .array(shape, { minLength: chosen.length, maxLength: chosen.length })
      .map((shapes) => shapes.map((day, index) => ({ ...day, date: chosen[index]!, status: 'published' as const }))),
  );
}
