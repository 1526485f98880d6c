import type { Localized } from '../http/schemas.ts';

/** Field defaults: scanners without a network tell of a scan within a day, and their clocks may be some seconds ahead. */
export const scanRules = { uploadHours: 24, clockAheadSeconds: 5 };

/** Why passes and check-ins are refused. */
export const checkInRefusals: Readonly<Record<string, Localized>> = {
  'no-pass': {
    zh: '只有已确认的预约才有通行码。',
    en: 'Only a confirmed booking has a pass.',
  },
  'not-confirmed': {
    zh: '这个预约没有生效（已取消、已过期或尚未确认），不能核销。',
    en: 'This booking is not in force (cancelled, expired or not confirmed yet) and cannot be checked in.',
  },
  'check-in-not-open': {
    zh: '还没有到核销时间，请稍后再来。',
    en: 'It is too early to check in. Please come back later.',
  },
  'seat-given-away': {
    zh: '没有在让座时间前扫码，座位已经给了候补的人，本班没有空位了。请候补下一班。',
    en: 'The seat was not taken up in time and has been given to somebody on standby; none is left. Please stand by for the next run.',
  },
  'check-in-closed': { zh: '已过核销时间。', en: 'The time to check in has passed.' },
  'code-expired': { zh: '通行码已过期，请对方刷新后再出示。', en: 'This code has expired. Ask for the present one.' },
  'code-ambiguous': {
    zh: '这六位数字对应不止一个预约，请扫描二维码，或等数字更新后再试。',
    en: 'More than one booking could have these digits. Scan the QR code, or try again with the next ones.',
  },
  'scan-in-future': {
    zh: '扫码时间晚于现在，请校准扫码设备的时钟。',
    en: 'The scan lies in the future. Set the clock of the scanner.',
  },
  'scan-too-old': {
    zh: `扫码时间已超过 ${scanRules.uploadHours} 小时，不能再补传。`,
    en: `The scan is more than ${scanRules.uploadHours} hours old and cannot be told of any more.`,
  },
  'nonce-used': {
    zh: '这个 nonce 已用于另一次扫码，请为每次扫码使用新的。',
    en: 'This nonce belongs to another scan. Use a new one for each.',
  },
};
