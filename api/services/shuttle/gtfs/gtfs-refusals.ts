import { shuttleRefusals } from '../rules.ts';

/** Why positions and alerts are refused, and what to do about it; by rule. */
export const gtfsRefusals = {
  ...shuttleRefusals,
  'alert-period': {
    zh: '结束时间须晚于现在和开始时间，请修改。',
    en: 'The end has to be later than the start, and than now. Please change it.',
  },
  'alert-not-of-line': {
    zh: '所选班次或站点不属于这条线路，请重新选择。',
    en: 'One of the runs or stops is not of this line. Please choose again.',
  },
  'alert-over': {
    zh: '这条提醒已经结束，不能再更改。需要时请新发一条。',
    en: 'This alert is over and cannot be changed. Publish a new one if need be.',
  },
  'alert-not-ended': {
    zh: '这条提醒没有结束，无须恢复。',
    en: 'This alert has not been ended: there is nothing to take back.',
  },
  'run-not-today': {
    zh: '只能在班车开行的当天上报位置。',
    en: 'Where a bus is can be told on the day of its run only.',
  },
};
