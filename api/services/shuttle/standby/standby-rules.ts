import type { Localized } from '../../../http/schemas.ts';
import type { RunTimes } from '../run-rules.ts';

/** The sentences on seats that are given away, and on no-shows, to show before a seat is confirmed. */
export function standbyRules({ standby, noShows }: RunTimes): { name: string; text: Localized }[] {
  const rules: { name: string; text: Localized }[] = [];
  if (standby)
    rules.push({
      name: 'standby',
      text: {
        zh: `上车站发车前 ${standby.yieldsMinutesBefore} 分钟还没扫码，座位会让给候补的人；之后赶到，有空位仍可乘坐。`,
        en: `Who is not scanned ${standby.yieldsMinutesBefore} minutes before the bus leaves their stop gives the seat to somebody on standby, and still rides if one is free.`,
      },
    });
  if (noShows)
    rules.push({
      name: 'no-show-block',
      text: {
        zh: `${noShows.countedDays} 天内爽约 ${noShows.blockAt} 次，${noShows.blockDays} 天内不能提前预约，仍可现场候补。`,
        en: `After ${noShows.blockAt} missed rides in ${noShows.countedDays} days you cannot book ahead for ${noShows.blockDays} days; you can still stand by.`,
      },
    });
  return rules;
}

/** Why standing by is refused, and what to do about it; by rule. */
export const standbyRefusals = {
  'no-standby': {
    zh: '这班车不设候补，请选择其他班次。',
    en: 'Nobody stands by for this run. Please choose another.',
  },
  'standby-too-early': {
    zh: '这一天还没有开放预约，请开放后再来。',
    en: 'Booking for that day has not opened yet. Please come back when it has.',
  },
  'standby-departed': {
    zh: '车已经离开这一站，请候补下一班。',
    en: 'The bus has left that stop. Please stand by for the next run.',
  },
  'standby-not-needed': {
    zh: '这一程还有空位，直接预约即可，不用候补。',
    en: 'There are still seats for this ride: book one, you need not stand by.',
  },
  'standby-own-ride': {
    zh: '这段时间您已有班车预约，不能再候补。要换车请先取消原预约。',
    en: 'You already have a ride at that time. To change it, cancel that one first.',
  },
  'standby-joined': {
    zh: '您已在这班车的候补名单里。要改站点，请先退出再重新候补。',
    en: 'You already stand by for this run. To change your stops, leave the line and join again.',
  },
  'standby-admitted': {
    zh: '您已候补到座位。不去的话，请取消那个预约。',
    en: 'You have got a seat. If you will not ride, cancel that booking.',
  },
  'shuttle-blocked': {
    zh: '因多次爽约，目前不能提前预约班车；到下面的时间自动恢复。现在仍可候补当班余座。',
    en: 'After several missed rides you cannot book the shuttle ahead until the time below. You can still stand by for free seats.',
  },
  'not-a-no-show': {
    zh: '这次乘车现在不算爽约，没有需要免除的。',
    en: 'This ride does not count as missed: there is nothing to excuse.',
  },
  'not-excused': {
    zh: '这次爽约现在没有被免除，没有可以撤回的。',
    en: 'This missed ride is not excused: there is nothing to take back.',
  },
} satisfies Record<string, Localized>;
