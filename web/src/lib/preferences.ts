import { isLang, type Lang } from './i18n/lang.ts';

/** `system` follows the device. */
export type Theme = 'light' | 'dark' | 'system';

export interface Preferences {
  lang: Lang;
  elder: boolean;
  theme: Theme;
}

export const preferenceCookies = { lang: 'chaoxi_lang', elder: 'chaoxi_elder', theme: 'chaoxi_theme' } as const;

/** The two stops that somebody rides between, as the shuttle's page last saw them: `from,to`. */
export const stopsCookie = 'chaoxi_stops';

const isTheme = (text: string | null | undefined): text is Theme => ['light', 'dark', 'system'].includes(text ?? '');

/** What the cookies say; anything unknown is the default (Chinese, ordinary sizes, the device's theme). */
export function readPreferences(cookie: (name: string) => string | undefined): Preferences {
  const lang = cookie(preferenceCookies.lang);
  const theme = cookie(preferenceCookies.theme);
  return {
    lang: isLang(lang) ? lang : 'zh-CN',
    elder: cookie(preferenceCookies.elder) === '1',
    theme: isTheme(theme) ? theme : 'system',
  };
}

/**
 * The cookies that `?lang=`, `?elder=` and `?theme=` ask for, and the address without them. A plain link switches a preference, so
 * that it works without client JavaScript; null when the address asks for none.
 */
export function askedPreferences(url: URL): { cookies: [name: string, value: string][]; rest: string } | null {
  const rest = new URL(url);
  const cookies: [string, string][] = [];
  for (const [name, cookieName] of Object.entries(preferenceCookies)) {
    const value = url.searchParams.get(name);
    if (value === null) continue;
    rest.searchParams.delete(name);
    const isKnown =
      name === 'lang' ? isLang(value) : name === 'theme' ? isTheme(value) : value === '0' || value === '1';
    if (isKnown) cookies.push([cookieName, value]);
  }
  if (rest.search === url.search) return null;
  return { cookies, rest: rest.pathname + rest.search };
}

/** The same page with one preference switched. */
export function preferenceLink(url: URL, name: keyof typeof preferenceCookies, value: string): string {
  const params = new URLSearchParams(url.search);
  params.set(name, value);
  return `${url.pathname}?${params}`;
}
