import type { Texts } from '../zh-CN.ts';

export const home: Texts['home'] = {};
