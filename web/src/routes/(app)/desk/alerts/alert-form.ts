import type { ServiceAlert } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';

/** What was filled in; times are local ones of the site, empty where nothing was chosen. */
export interface WantedAlert {
  lineId: string;
  effect: ServiceAlert['effect'];
  cause: ServiceAlert['cause'];
  titleZh: string;
  titleEn: string;
  textZh: string;
  textEn: string;
  startsAt: string;
  endsAt: string;
  runIds: string[];
  stopIds: string[];
}

export const nothingWanted: WantedAlert = {
  ...{ lineId: '', effect: 'detour', cause: 'construction' },
  ...{ titleZh: '', titleEn: '', textZh: '', textEn: '', startsAt: '', endsAt: '', runIds: [], stopIds: [] },
};

const ticked = (form: FormData, name: string): string[] =>
  form.getAll(name).filter((value): value is string => typeof value === 'string');

export const wantedIn = (form: FormData): WantedAlert => ({
  lineId: textOf(form, 'line'),
  // What is none of them the API refuses.
  effect: textOf(form, 'effect') as WantedAlert['effect'],
  cause: textOf(form, 'cause') as WantedAlert['cause'],
  titleZh: wordsOf(form, 'titleZh'),
  titleEn: wordsOf(form, 'titleEn'),
  textZh: wordsOf(form, 'textZh'),
  textEn: wordsOf(form, 'textEn'),
  startsAt: textOf(form, 'startsAt'),
  endsAt: textOf(form, 'endsAt'),
  runIds: ticked(form, 'run'),
  stopIds: ticked(form, 'stop'),
});

/** The field that has to be filled in first, if any. */
export function faultOf({ titleZh, titleEn, textZh, textEn }: WantedAlert): 'titleZh' | 'titleEn' | 'text' | null {
  if (titleZh === '') return 'titleZh';
  if (titleEn === '') return 'titleEn';
  return (textZh === '') === (textEn === '') ? null : 'text';
}

/** What the API is asked for. */
export const requestOf = ({ titleZh, titleEn, textZh, textEn, startsAt, endsAt, ...rest }: WantedAlert) => ({
  ...rest,
  title: { zh: titleZh, en: titleEn },
  ...(textZh !== '' && { text: { zh: textZh, en: textEn } }),
  ...(startsAt !== '' && { startsAt }),
  ...(endsAt !== '' && { endsAt }),
});
