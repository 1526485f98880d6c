import { expect, test } from 'vitest';
import { actionPath, safeReturnPath, signInPath } from './page-paths.ts';

test('a path of this site is kept', () => {
  expect(safeReturnPath('/shuttle?date=2026-11-24')).toBe('/shuttle?date=2026-11-24');
});
test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '', null, '/\n/evil'])(
  'an address that leaves the site leads home: %j',
  (to) => expect(safeReturnPath(to)).toBe('/'),
);
test('sign-in leads back to the page with its choices, without the action', () => {
  expect(signInPath(new URL('http://x/shuttle?/book&run=run-2'))).toBe('/sign-in?to=%2Fshuttle%3Frun%3Drun-2');
});
test('a form keeps the choices of its page', () => {
  expect(actionPath(new URL('http://x/shuttle?run=run-2'), 'book')).toBe('?/book&run=run-2');
  expect(actionPath(new URL('http://x/shuttle?/book&run=run-2'), 'book')).toBe('?/book&run=run-2');
  expect(actionPath(new URL('http://x/shuttle'), 'book')).toBe('?/book');
});
