import { z } from 'zod';
import { dateOf, endOfMonth, plusDays, startOfDay, type Instant, type IsoDate } from '../../../calendar/time.ts';
import type { Localized } from '../../../http/schemas.ts';

/** From when this month's holders are asked to renew, and until when their spaces are kept for it; days before the next month begins. */
export const renewalTerms = z.strictObject({
  opensDaysBefore: z.int().min(1).max(31).default(10),
  closesDaysBefore: z.int().min(0).max(30).default(3),
});

/** When one may enter the draw of a month: days of the month before it, both inclusive. */
export const drawTerms = z.strictObject({
  fromDay: z.int().min(1).max(28).default(15),
  toDay: z.int().min(1).max(28).default(20),
});

/** What the rules of a month need to know of an agreement. */
type MonthTerms = {
  monthlyFen: number | null;
  monthlyRound: 'first-come' | 'draw';
  renewal: z.infer<typeof renewalTerms>;
  drawDays: z.infer<typeof drawTerms>;
  releaseCredit: 'none' | 'night-share';
};

/** `YYYY-MM` of a date. */
export function monthOf(date: IsoDate): string {
  return date.slice(0, 7);
}

/** The month after a month, both `YYYY-MM`. */
export function monthAfter(month: string): string {
  return monthOf(plusDays(endOfMonth(`${month}-01`), 1));
}

/** The month before a month. */
export function monthBefore(month: string): string {
  return monthOf(plusDays(`${month}-01`, -1));
}

/**
 * When a holder of the month before is asked to renew for a month, and until when their space is kept for them: from local midnight to
 * local midnight. Null where nothing is kept: no months, or they are drawn.
 */
export function renewalWindow(
  { monthlyFen, monthlyRound, renewal }: MonthTerms,
  month: string,
  zone: string,
): { opensAt: Instant; closesAt: Instant } | null {
  if (monthlyFen === null || monthlyRound === 'draw') return null;
  const first = `${month}-01`;
  return {
    opensAt: startOfDay(plusDays(first, -renewal.opensDaysBefore), zone),
    closesAt: startOfDay(plusDays(first, -renewal.closesDaysBefore), zone),
  };
}

/** When one may enter the draw of a month: from the first of its days to the end of the last. Null where months are not drawn. */
export function drawWindow(
  { monthlyFen, monthlyRound, drawDays }: MonthTerms,
  month: string,
  zone: string,
): { opensAt: Instant; closesAt: Instant } | null {
  if (monthlyFen === null || monthlyRound !== 'draw') return null;
  const before = monthBefore(month);
  const dayOf = (day: number): IsoDate => `${before}-${String(day).padStart(2, '0')}`;
  return {
    opensAt: startOfDay(dayOf(drawDays.fromDay), zone),
    closesAt: startOfDay(plusDays(dayOf(Math.max(drawDays.fromDay, drawDays.toDay)), 1), zone),
  };
}

/** The month whose draw comes next: the one after the present. */
export function monthToDraw(now: Instant, zone: string): string {
  return monthAfter(monthOf(dateOf(now, zone)));
}

/** What a holder gets for one night that they give back: its share of what the month costs, rounded down. Fen. */
export function nightShareFen(monthFen: number, nightsOfMonth: number): number {
  return nightsOfMonth > 0 ? Math.floor(monthFen / nightsOfMonth) : 0;
}

/** The sentences to show before a month is confirmed. */
export function monthRules(terms: MonthTerms): { name: string; text: Localized }[] {
  if (terms.monthlyFen === null) return [];
  const { renewal, drawDays } = terms;
  const rules =
    terms.monthlyRound === 'draw'
      ? [
          {
            name: 'draw',
            text: {
              zh: `包月抽签：上月 ${drawDays.fromDay} 日至 ${drawDays.toDay} 日报名，截止后公开抽签；抽签前不单独预约该月夜晚。`,
              en: `Months are drawn: enter from the ${ordinal(drawDays.fromDay)} to the ${ordinal(drawDays.toDay)} of the month before. Nights of that month open after the draw.`,
            },
          },
        ]
      : [
          {
            name: 'renewal',
            text: {
              zh: `包月可续订：下月车位为本月持有人保留到月初前 ${renewal.closesDaysBefore} 天，之后向所有人开放。`,
              en: `Renewal: your space in the next month is kept for you until ${renewal.closesDaysBefore} days before it begins, then it is open to all.`,
            },
          },
        ];
  if (terms.releaseCredit === 'night-share') {
    rules.push({
      name: 'release',
      text: {
        zh: '外出时可让出某晚：当晚未开始前让出，按包月均价记为抵扣，下次在同一出借方包月时自动使用。',
        en: 'Away for a night? Give it back before it begins: its share of the month is credited to your next month with the same lender.',
      },
    });
  }
  return rules;
}

function ordinal(day: number): string {
  const ending = day % 100 >= 11 && day % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

/** Why a month, a night of it or a round is refused. */
export const monthRefusals = {
  'kept-for-renewal': {
    zh: '剩下的车位正为本月持有人的续订保留，保留期过后再来看看，或选其他车场。',
    en: 'What is left is kept for this month’s holders to renew. Come back when that time is over, or choose another lot.',
  },
  'draw-open': {
    zh: '这个月的车位通过抽签分配：请报名抽签，抽签之后剩余的夜晚再开放预约。',
    en: 'This month is given out by draw. Please enter the draw; what is left can be booked after it.',
  },
  'round-not-open': { zh: '抽签报名还没有开始，请在报名日期再来。', en: 'Entries for this draw are not open yet.' },
  'round-closed': { zh: '抽签报名已经截止。', en: 'Entries for this draw have closed.' },
  'already-entered': { zh: '这辆车已经报名了。', en: 'This vehicle takes part already.' },
  'not-releasable': {
    zh: '只有已确认的多晚预约才能让出其中的夜晚。',
    en: 'Only nights of a confirmed booking of several nights can be given back.',
  },
  'last-night': {
    zh: '至少要留一晚；全部不要了，请取消预约。',
    en: 'At least one night has to stay. To give back all of them, cancel the booking.',
  },
  'night-begun': {
    zh: '这一晚已经开始，不能再让出。',
    en: 'That night has begun and cannot be given back any more.',
  },
  'night-not-held': {
    zh: '这一晚不在这个预约里，或已经让出。',
    en: 'That night is not part of this booking, or was given back already.',
  },
  'credit-spent': {
    zh: '让出夜晚得到的抵扣已经用于另一个包月，请先取消那个包月，再取消这一个。',
    en: 'The credit for nights given back has been used for another month. Cancel that month first, then this one.',
  },
} satisfies Record<string, Localized>;
