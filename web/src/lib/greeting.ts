import type { Texts } from './i18n/zh-CN.ts';

/** The part of the day for a local time `HH:MM`, as one greets here. */
export function greetingAt(time: string): keyof Texts['home']['greeting'] {
  const hour = Number(time.slice(0, 2));
  if (hour < 5) return 'night';
  if (hour < 8) return 'morning';
  if (hour < 11) return 'forenoon';
  if (hour < 13) return 'noon';
  return hour < 18 ? 'afternoon' : 'evening';
}
