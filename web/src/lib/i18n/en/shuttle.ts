import type { Texts } from '../zh-CN.ts';

export const shuttle: Texts['shuttle'] = {};
