import { getContext, setContext } from 'svelte';
import type { Localized } from '../api.ts';
import { datesIn, type Dates } from './dates.ts';
import { en } from './en.ts';
import type { Lang } from './lang.ts';
import { money } from './money.ts';
import { zhCN, type Texts } from './zh-CN.ts';

/** Everything a page needs to speak one language: texts, dates in the site's zone, money, names. */
export interface Wording {
  lang: Lang;
  t: Texts;
  dates: Dates;
  money: (fen: number) => string;
  /** `免费` instead of `¥0`. */
  price: (fen: number) => string;
  /** A name that the API gives in both languages. */
  name: (text: Localized) => string;
  /** A place's name where there is room: the Chinese one, which stands on the signs, stays beside the English. */
  place: (text: Localized) => string;
}

export function wordingIn(lang: Lang, timeZone: string): Wording {
  const t = lang === 'en' ? en : zhCN;
  return {
    lang,
    t,
    dates: datesIn(lang, timeZone),
    money,
    price: (fen) => (fen === 0 ? t.common.free : money(fen)),
    name: (text) => (lang === 'en' ? text.en : text.zh),
    place: (text) => (lang === 'en' && text.en !== text.zh ? `${text.en} ${text.zh}` : text.zh),
  };
}

const contextKey = Symbol('wording');

/** Called once by a layout; everything below speaks this language. Switching it reloads the page. */
export const provideWording = (wording: Wording): Wording => setContext(contextKey, wording);

/** The words of the nearest layout. */
export const useWording = (): Wording => getContext<Wording>(contextKey);
