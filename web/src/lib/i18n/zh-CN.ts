import { common } from './zh-CN/common.ts';
import { home } from './zh-CN/home.ts';
import { parking } from './zh-CN/parking.ts';
import { people } from './zh-CN/people.ts';
import { shuttle } from './zh-CN/shuttle.ts';

/** The source of all texts: another language must have the same keys. A page's texts are one file of the folder beside. */
export const zhCN = { common, home, parking, people, shuttle };
export type Texts = typeof zhCN;
