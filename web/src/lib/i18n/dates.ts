import type { Lang } from './lang.ts';

/** RFC 3339 text or epoch milliseconds. */
export type Moment = string | number;
/** `YYYY-MM-DD` in the site's zone. */
export type IsoDate = string;

const dayMilliseconds = 86_400_000;

/** The date as UTC midnight: dates are counted, never shifted between zones. */
const atUtc = (date: IsoDate): number => Date.parse(`${date}T00:00:00Z`);
const toIsoDate = (utc: number): IsoDate => new Date(utc).toISOString().slice(0, 10);

export const addDays = (date: IsoDate, days: number): IsoDate => toIsoDate(atUtc(date) + days * dayMilliseconds);
export const daysBetween = (from: IsoDate, to: IsoDate): number =>
  Math.round((atUtc(to) - atUtc(from)) / dayMilliseconds);
/** 1 = Monday … 7 = Sunday. */
export const isoWeekday = (date: IsoDate): number => new Date(atUtc(date)).getUTCDay() || 7;
/** The Monday of the date's week: weeks start on Monday here. */
export const weekStart = (date: IsoDate): IsoDate => addDays(date, 1 - isoWeekday(date));
/** `YYYY-MM` of a date. */
export const monthOf = (date: IsoDate): string => date.slice(0, 7);
/** First and last date of a month given as `YYYY-MM`. */
export function monthRange(month: string): { from: IsoDate; to: IsoDate } {
  const from = `${month}-01`;
  const next = `${monthOf(addDays(from, 31))}-01`;
  return { from, to: addDays(next, -1) };
}

const weekdays = {
  'zh-CN': {
    long: ['星期一', '星期二', '星期三', '星期四', '星期五', '星期六', '星期日'],
    short: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  },
  en: {
    long: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    short: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  },
} as const;
const englishMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export type Dates = ReturnType<typeof datesIn>;

/** All wording of dates and times in one language, always in the site's zone, 24 hours. */
export function datesIn(lang: Lang, timeZone: string) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const read = (moment: Moment): Record<string, string> =>
    Object.fromEntries(parts.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));

  /** The moment's date in the site's zone. */
  const dateOf = (moment: Moment): IsoDate => {
    const { year, month, day } = read(moment);
    return `${year}-${month}-${day}`;
  };
  /** `18:30` */
  const time = (moment: Moment): string => {
    const { hour, minute } = read(moment);
    return `${hour}:${minute}`;
  };
  /** `星期一`, `周一` */
  const weekday = (date: IsoDate, length: 'long' | 'short' = 'long'): string =>
    weekdays[lang][length][isoWeekday(date) - 1] ?? '';
  /** `2026年11月23日 星期一` */
  const date = (on: IsoDate): string => {
    const [year, month, day] = on.split('-').map(Number);
    if (lang === 'zh-CN') return `${year}年${month}月${day}日 ${weekday(on)}`;
    return `${weekday(on)} ${day} ${englishMonths[(month ?? 1) - 1]} ${year}`;
  };
  /** `11月24日 周二`, for where the year is plain. */
  const shortDate = (on: IsoDate): string => {
    const [, month, day] = on.split('-').map(Number);
    if (lang === 'zh-CN') return `${month}月${day}日 ${weekday(on, 'short')}`;
    return `${weekday(on, 'short')} ${day} ${englishMonths[(month ?? 1) - 1]}`;
  };
  /** `2026年11月23日 星期一 18:30` */
  const dateTime = (moment: Moment): string => `${date(dateOf(moment))} ${time(moment)}`;
  /** `今天`, `明天`, else the short date. */
  const relativeDay = (on: IsoDate, today: IsoDate): string => {
    const days = daysBetween(today, on);
    if (lang === 'zh-CN') return days === 0 ? '今天' : days === 1 ? '明天' : days === 2 ? '后天' : shortDate(on);
    return days === 0 ? 'Today' : days === 1 ? 'Tomorrow' : shortDate(on);
  };
  /** A time seen from a date: `18:30`, `次日08:00`, `11月27日 周五 08:00`. */
  const timeFrom = (moment: Moment, on: IsoDate): string => {
    const days = daysBetween(on, dateOf(moment));
    if (days === 0) return time(moment);
    if (days === 1) return lang === 'zh-CN' ? `次日${time(moment)}` : `${time(moment)} next day`;
    return `${shortDate(dateOf(moment))} ${time(moment)}`;
  };
  /** `8:10–8:25` within a day, `18:30–次日08:00` over midnight. */
  const span = (startsAt: Moment, endsAt: Moment): string => `${time(startsAt)}–${timeFrom(endsAt, dateOf(startsAt))}`;
  /** How long until then, to the minute: `12 分钟`, `1 小时 5 分`, `2 天`. Half an hour past is `0 分钟`. */
  const duration = (milliseconds: number): string => {
    const minutes = Math.max(0, Math.ceil(milliseconds / 60_000));
    const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
    const rest = minutes % 60;
    if (lang === 'zh-CN') {
      if (days >= 2) return `${days} 天`;
      return hours === 0 ? `${minutes} 分钟` : rest === 0 ? `${hours} 小时` : `${hours} 小时 ${rest} 分`;
    }
    if (days >= 2) return `${days} days`;
    return hours === 0 ? `${minutes} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  };
  /** `2026年12月` */
  const month = (yearMonth: string): string => {
    const [year, number] = yearMonth.split('-').map(Number);
    return lang === 'zh-CN' ? `${year}年${number}月` : `${englishMonths[(number ?? 1) - 1]} ${year}`;
  };

  return { timeZone, dateOf, time, weekday, date, shortDate, dateTime, relativeDay, timeFrom, span, duration, month };
}
