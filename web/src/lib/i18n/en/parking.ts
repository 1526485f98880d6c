import type { Texts } from '../zh-CN.ts';

export const parking: Texts['parking'] = {};
