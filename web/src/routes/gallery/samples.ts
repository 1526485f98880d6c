import type { SlotState } from '$lib/api.ts';
import type { TidePoint } from '$lib/tide.ts';

/** Fixed rows for the gallery; no page of the product shows them. */
const point = (
  label: string,
  remaining: number,
  capacity: number,
  state: SlotState = 'open',
  more: Partial<TidePoint> = {},
): TidePoint => ({
  id: label + (more.note ?? ''),
  label,
  remaining,
  capacity,
  state,
  href: `?at=${label}#strip`,
  ...more,
});

export const runs: TidePoint[] = [
  point('07:45', 3, 22, 'closed'),
  point('08:10', 11, 22),
  point('08:35', 0, 22, 'full'),
  point('09:00', 20, 22),
  point('13:00', 22, 22),
];

export const nights = (lang: string): TidePoint[] =>
  (lang === 'en'
    ? ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
    : ['今晚', '周二', '周三', '周四', '周五', '周六', '周日']
  ).map((label, index) =>
    point(label, [7, 12, 12, 0, 4, 22, 26][index] ?? 0, 30, index === 3 ? 'full' : 'open', {
      note: String(23 + index),
    }),
  );

export const windows: TidePoint[] = [
  '11:00',
  '11:15',
  '11:30',
  '11:45',
  '12:00',
  '12:15',
  '12:30',
  '12:45',
  '13:00',
].map((label, index) => point(label, [41, 30, 12, 0, 3, 9, 28, 45, 52][index] ?? 0, 60, index === 3 ? 'full' : 'open'));

export const classes: TidePoint[] = [point('7/5', 12, 70), point('7/26', 44, 70), point('8/16', 0, 30, 'upcoming')];

export const now = '2026-11-24T07:32:00+08:00';
