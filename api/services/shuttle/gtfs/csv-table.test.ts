import { expect, test } from 'vitest';
import { csvOf } from './csv-table.ts';

test('cells are quoted where commas, quotes or outer spaces are, and hold neither line breaks nor tabs', () => {
  const table = {
    columns: ['a', 'b', 'c'],
    rows: [['站', 'x,y', 'say "hi"'] as const, [null, 0, ' in\r\nlines\t'] as const],
  };
  expect(csvOf(table)).toBe('a,b,c\r\n站,"x,y","say ""hi"""\r\n,0," in lines "\r\n');
});
