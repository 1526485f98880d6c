import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** Every `--name: light-dark(#light, #dark)` of app.css. */
const tokens = new Map<string, Record<Theme, string>>(
  [
    ...readFileSync(new URL('../app.css', import.meta.url), 'utf8').matchAll(
      /--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g,
    ),
  ].map(([, name, light, dark]) => [name ?? '', { light: light ?? '', dark: dark ?? '' }]),
);

const grounds = ['paper', 'surface', 'well'];
const services = ['parking', 'canteen', 'shuttle', 'childcare'];

/** What is written on what, anywhere in the components: `[text, ground]`. */
const writings: [string, string][] = [
  ...grounds.flatMap((ground): [string, string][] => [
    ['ink', ground],
    ['ink-soft', ground],
  ]),
  ...['paper', 'surface'].flatMap((ground): [string, string][] => [
    ['tide', ground],
    ['tide-strong', ground],
    ['coral', ground],
    ['on-coral-soft', ground],
    ['on-sand', ground],
    ...services.map((service): [string, string] => [service, ground]),
  ]),
  ['on-tide', 'tide'],
  ['on-tide', 'tide-strong'],
  ['on-coral', 'coral'],
  ['on-foam', 'foam'],
  ['on-sand', 'sand-soft'],
  ['on-coral-soft', 'coral-soft'],
  ['on-leaf-soft', 'leaf-soft'],
  ['on-deep', 'deep'],
  ['on-deep', 'deep-wave'],
  ['on-deep-soft', 'deep'],
  ['on-deep-soft', 'deep-wave'],
  ...services.map((service): [string, string] => [service, `${service}-soft`]),
];

/** Lines and pictures that carry meaning; 3:1 by WCAG 1.4.11. */
const drawings: [string, string][] = [
  ...['line-strong', 'focus', 'leaf', 'coral'].flatMap((line): [string, string][] => [
    [line, 'paper'],
    [line, 'surface'],
  ]),
];

function colour(name: string, theme: Theme): string {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`app.css has no colour token --${name}`);
  return token[theme];
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

test('the contrast of black on white is 21:1, as the standard says', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21);
});

describe.each(themes)('%s theme', (theme) => {
  test.each(writings)('%s is readable on %s', (text, ground) => {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(drawings)('%s is seen on %s', (line, ground) => {
    expect(contrast(colour(line, theme), colour(ground, theme))).toBeGreaterThanOrEqual(3);
  });
});
