import type { Localized } from '../../../http/schemas.ts';

/** How much a driver's phone may tell at a time: scans and counts of a full bus, many times over. */
export const mostAtATime = 100;

/** Why boarding refuses, and what to do about it; by rule. */
export const boardingRefusals = {
  'not-running': {
    zh: '这班车当天不开行，请选择其他日期。',
    en: 'This run does not operate that day. Please choose another date.',
  },
  'run-over': {
    zh: '这班车早已结束，不能再生成链接。',
    en: 'This run ended too long ago for a new link.',
  },
  'too-many-links': {
    zh: '这班车的有效链接已经够多，请先撤销不用的。',
    en: 'This run has as many links as it may. Revoke one that is not used first.',
  },
  'unknown-code': {
    zh: '没有找到这个码，请让乘客刷新乘车码再试。',
    en: 'This code is not known. Ask the rider to refresh the pass and try again.',
  },
  'wrong-run': {
    zh: '这张票不是这班车的，请让乘客核对班次。',
    en: 'This ticket is for another run. Ask the rider to check which.',
  },
  'not-under-way': {
    zh: '只在班车运行前后一段时间内上报位置，现在不用上报。',
    en: 'Where a bus is can be told around the time of its run only. Nothing to do now.',
  },
  'stop-not-on-run': {
    zh: '这班车不停靠这个站，请刷新名单。',
    en: 'This run does not serve that stop. Refresh the list.',
  },
} satisfies Record<string, Localized>;
