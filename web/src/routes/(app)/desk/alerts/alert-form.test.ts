import { expect, test } from 'vitest';
import { faultOf, nothingWanted, requestOf, wantedIn } from './alert-form.ts';

const filled = { ...nothingWanted, lineId: 'tidal', titleZh: '改道', titleEn: 'Detour' };

test('both titles are needed, and details in both languages or in neither', () => {
  expect(faultOf(nothingWanted)).toBe('titleZh');
  expect(faultOf({ ...filled, titleEn: '' })).toBe('titleEn');
  expect(faultOf({ ...filled, textZh: '请到新汇园站' })).toBe('text');
  expect(faultOf({ ...filled, textEn: 'Xinhui Park' })).toBe('text');
  expect(faultOf(filled)).toBeNull();
});

test('what was left empty is not asked for', () => {
  const form = new FormData();
  for (const [name, value] of [
    ['line', 'tidal'],
    ['effect', 'detour'],
    ['cause', 'weather'],
    ['titleZh', ' 改道 '],
    ['titleEn', 'Detour'],
    ['run', 'run-1'],
    ['run', 'run-2'],
    ['endsAt', '2026-11-24T18:00'],
  ] as const)
    form.append(name, value);
  expect(requestOf(wantedIn(form))).toEqual({
    ...{ lineId: 'tidal', effect: 'detour', cause: 'weather', title: { zh: '改道', en: 'Detour' } },
    ...{ endsAt: '2026-11-24T18:00', runIds: ['run-1', 'run-2'], stopIds: [] },
  });
});
