/** The two languages of the service; Chinese is the original. */
export const langs = ['zh-CN', 'en'] as const;
export type Lang = (typeof langs)[number];

export const isLang = (text: string | null | undefined): text is Lang => langs.some((lang) => lang === text);
