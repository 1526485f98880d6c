import type { Localized } from './timetable-schemas.ts';

/** Why a change of a run's day or of a timetable is refused, and what to do about it; by rule. */
export const timetableRefusals = {
  'not-running': {
    zh: '这班车当天没有安排，请选择其他日期。',
    en: 'This run is not planned for that day. Please choose another date.',
  },
  'run-cancelled': {
    zh: '这班车当天已经取消。要恢复，请撤销取消。',
    en: 'This run is cancelled that day. To bring it back, take the cancellation back.',
  },
  'run-departed': {
    zh: '这班车已经发车，不能再更改。',
    en: 'This run has departed and cannot be changed any more.',
  },
  'boarding-began': {
    zh: '已经有乘客扫码上车，不能再更改这班车。',
    en: 'Somebody has boarded already, so that this run cannot be changed any more.',
  },
  'departs-too-soon': {
    zh: '新的发车时间已经过去，请选择更晚的时间。',
    en: 'That departure has passed. Please choose a later time.',
  },
  'nothing-changes': {
    zh: '和现在的安排一样，没有需要更改的内容。',
    en: 'It is planned like that already. Nothing would change.',
  },
  'vehicle-busy': {
    zh: '这个时间没有空闲车辆：上一班还没有回来。请和相邻班次错开。',
    en: 'No bus is free then: it is still on the run before. Please keep more time to the runs next to it.',
  },
  'too-many-displaced': {
    zh: '受影响的预约太多，不能一次更改。请减少日期或班次。',
    en: 'That touches too many bookings for one change. Please take fewer dates or runs.',
  },
  'booked-since': {
    zh: '更改之后已有人按新安排预约，不能撤销。可以另作一次更改。',
    en: 'Somebody has booked it as it is now, so that this cannot be taken back. Make another change instead.',
  },
  'changed-since': {
    zh: '之后又有更改，请先撤销较晚的更改。',
    en: 'It was changed again since. Take the later change back first.',
  },
  'already-undone': { zh: '这次更改已经撤销过了。', en: 'This change was taken back already.' },
  'date-too-far': {
    zh: '这个日期还没有发布班次，请选择较近的日期。',
    en: 'Runs of that date are not published yet. Please choose an earlier one.',
  },
  'version-too-soon': {
    zh: '新时刻表最早从明天开始。只改今天，请在当天班次中更改。',
    en: 'A timetable begins tomorrow at the earliest. To change today, change the runs of the day.',
  },
  'version-later': {
    zh: '已有从这一天或之后开始的时刻表，请先撤销它，或选择更晚的日期。',
    en: 'A timetable that begins on that date or later is there already. Take it back first, or choose a later date.',
  },
  'version-begun': {
    zh: '这份时刻表已经开始实行，不能撤销。请另立一份新的。',
    en: 'This timetable has begun and cannot be taken back. Make a new one instead.',
  },
  'runs-unknown': {
    zh: '列出的班次有重复，或者不属于这条线路。',
    en: 'A run is listed twice, or is none of this line.',
  },
  'too-many-runs': {
    zh: '班次数超过了这条线路每天的上限，请减少班次。',
    en: 'That is more runs a day than this line may have. Please take some out.',
  },
} satisfies Record<string, Localized>;

export type TimetableRule = keyof typeof timetableRefusals;
