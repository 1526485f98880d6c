import type { Texts } from '../zh-CN.ts';

export const desk: Texts['desk'] = { title: 'Desk' };
