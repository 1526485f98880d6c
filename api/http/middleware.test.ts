import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preferredLanguage, presentedToken } from './middleware.ts';

describe('the language of an answer', () => {
  test.each([
    [undefined, 'zh-CN'],
    ['', 'zh-CN'],
    ['en', 'en'],
    ['EN-gb', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en;q=0.5, zh;q=0.9', 'zh-CN'],
    ['en;q=0.9, zh;q=0.5', 'en'],
    ['en;q=0', 'zh-CN'],
    ['fr-FR, en;q=0.1', 'en'],
    ['fr', 'zh-CN'],
    ['*', 'zh-CN'],
    ['english', 'zh-CN'],
    ['en;q=1.2.3', 'zh-CN'],
    ['en; q=0.8', 'en'],
  ])('for %j is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });

  test('is one of the two, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(['zh-CN', 'en']).toContain(preferredLanguage(header));
      }),
    );
  });
});

test.each([
  ['Bearer a.b', 'cookie', 'a.b'],
  ['bearer a.b', undefined, 'a.b'],
  [undefined, 'cookie', 'cookie'],
  ['Basic eA==', 'cookie', 'cookie'],
  ['Bearer ', undefined, null],
  [undefined, undefined, null],
])('with authorization %j and cookie %j the token is %j', (authorization, cookie, token) => {
  expect(presentedToken(authorization, cookie)).toBe(token);
});
