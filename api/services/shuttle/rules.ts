import type { Localized } from '../../http/schemas.ts';
import { noShowRule } from '../arrivals.ts';
import type { RunTimes } from './run-rules.ts';
import { standbyRefusals, standbyRules } from './standby/standby-rules.ts';

/** The sentences to show before a seat is confirmed. */
export function rideRules(times: RunTimes): { name: string; text: Localized }[] {
  const { cancelMinutesBefore, closesMinutesBefore } = times;
  return [
    {
      name: 'cancellation',
      text: {
        zh: `上车站发车前 ${cancelMinutesBefore} 分钟可免费取消。`,
        en: `Cancel free of charge until ${cancelMinutesBefore} minutes before your stop.`,
      },
    },
    {
      name: 'booking-closes',
      text: {
        zh: `上车站发车前 ${closesMinutesBefore} 分钟停止预约。`,
        en: `Booking closes ${closesMinutesBefore} minutes before the bus leaves your stop.`,
      },
    },
    ...noShowRule(times, (minutes) => ({
      zh: `上车请出示乘车码；发车 ${minutes} 分钟后仍未扫码，记为一次爽约。`,
      en: `Show your pass when you board; who is not scanned ${minutes} minutes after departure has missed the ride.`,
    })),
    ...standbyRules(times),
  ];
}

/** Why the shuttles refuse, and what to do about it; by rule. */
export const shuttleRefusals = {
  ...standbyRefusals,
  'stop-not-on-run': {
    zh: '这班车不停靠所选站点，请重新选择站点。',
    en: 'This run does not serve that stop. Please choose another.',
  },
  'wrong-direction': {
    zh: '这班车的方向相反，请选择另一方向的班次。',
    en: 'This run goes the other way. Please choose a run in the other direction.',
  },
  'no-wheelchair-place': {
    zh: '这班车没有轮椅位，请选择其他班次。',
    en: 'This run has no wheelchair place. Please choose another run.',
  },
  'bad-period': {
    zh: '开始日期须早于结束日期，且最长 400 天。请重新选择日期。',
    en: 'The first date comes before the last, and they are at most 400 days apart. Please choose other dates.',
  },
  'not-running': {
    zh: '这班车当天不开行，请选择其他日期。',
    en: 'This run does not operate that day. Please choose another date.',
  },
} satisfies Record<string, Localized>;
