import type { Localized } from './agreement-schemas.ts';
/** Why the terms of an agreement, a suspension or a withdrawal are refused, and what to do about it; by rule. */
export const agreementRefusals = {
  'window-empty': {
    zh: '开始和结束时间相同，时段是空的，请填写不同的时间。',
    en: 'The window begins and ends at the same time, so that it is empty. Please give different times.',
  },
  'window-reversed': {
    zh: '结束时间早于开始时间。如果是过夜时段，请选择“次日离场”。',
    en: 'The window ends before it starts. If it is overnight, say that it ends on the next day.',
  },
  'window-too-long': {
    zh: '一个时段不能超过 24 小时，请改为当天离场或提前结束时间。',
    en: 'A window may have 24 hours at most. Let it end on the same day, or earlier.',
  },
  'validity-reversed': {
    zh: '有效期的结束早于开始（或早于生效日期），请检查日期。',
    en: 'The agreement would end before it starts, or before these terms begin. Please check the dates.',
  },
  'lot-overbooked': {
    zh: '同一车场同一时间的协议车位合计超过了车位总数，请减少车位或调整时段。',
    en: 'The agreements of this lot would lend more spaces at one time than it has. Lower the quota or change the window.',
  },
  curfew: {
    zh: '宵禁时段内不能进出，而入场或离场时间正落在宵禁里，这个时段无法使用。',
    en: 'Nothing may pass the gate in the curfew, and the window begins or ends in it, so that it cannot be used.',
  },
  'effective-past': {
    zh: '生效日期已经过去，请选择今天或之后的日期。',
    en: 'That date has passed. Please choose today or later.',
  },
  'effective-too-late': {
    zh: '生效日期太晚：只能选到已发布时段之后的第一天。',
    en: 'That date is too far ahead: terms can begin up to the day after the last published night.',
  },
  'quota-none': {
    zh: '车位数不能为 0。要停借，请用“暂停”。',
    en: 'The quota cannot be 0. To stop lending, suspend it.',
  },
  'quota-above-lot': {
    zh: '车位数超过了车场的车位总数。',
    en: 'The quota is more than the lot has spaces.',
  },
  'lot-unknown': { zh: '没有这个车场。', en: 'There is no such lot.' },
  'beneficiary-unknown': {
    zh: '没有这个小区，请从列表中选择受益方。',
    en: 'There is no such compound. Please choose the beneficiary from the list.',
  },
  'parties-fixed': {
    zh: '已有协议的车场和受益方不能更改。请结束它，另立一份新协议。',
    en: 'The lot and the beneficiary of an agreement stay. Let it end, and make another one.',
  },
  'swap-not-mutual': {
    zh: '互换的两份协议必须互相对应：一方夜间借给居民，另一方日间借给员工，且都没有与第三份协议互换。',
    en: 'A swap takes two mirrored agreements: one lends to residents, the other in return to employees, and neither is swapped with a third.',
  },
  'no-swap': { zh: '这份协议没有互换。', en: 'This agreement is not part of a swap.' },
  'proposal-open': {
    zh: '这份协议已有一个待确认的提案，请先处理它。',
    en: 'A proposal for this agreement is open already. Answer that one first.',
  },
  'proposal-closed': { zh: '这个提案已经处理过了。', en: 'This proposal has been answered already.' },
  'other-side-confirms': {
    zh: '提案方已视为确认，请等待另一方确认。',
    en: 'The side that proposed has confirmed by that. The other side confirms or rejects.',
  },
  'withdraw-notice': {
    zh: '离第一晚的时间短于协议约定的提前通知时间，不能收回。站点管理员可以说明理由后破例。',
    en: 'The first night begins sooner than the notice that was agreed. A site administrator may override that with a reason.',
  },
  'withdraw-too-many': {
    zh: '收回的车位数超过了协议的车位数。',
    en: 'That is more than the agreement lends.',
  },
  'dates-reversed': { zh: '结束日期早于开始日期。', en: 'The last date is before the first.' },
  'beyond-published': {
    zh: '这些日期的车位还没有发布，请缩短日期范围。',
    en: 'The nights of those dates are not published yet. Please choose a shorter range.',
  },
  'nothing-suspended': { zh: '从这一天起没有暂停。', en: 'Nothing is suspended from that date on.' },
  'suspended-already': {
    zh: '这些日期里已有暂停，请先恢复或另选日期。',
    en: 'It is suspended on some of those dates already. Resume it first, or choose others.',
  },
  'months-range': {
    zh: '月份范围须从前到后，且最多 24 个月。',
    en: 'Months go from the earlier to the later, at most 24 of them.',
  },
} satisfies Record<string, Localized>;

export type AgreementRule = keyof typeof agreementRefusals;
