import type { Texts } from '../zh-CN.ts';

export const people: Texts['people'] = {};
