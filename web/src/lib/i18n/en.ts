import { common } from './en/common.ts';
import { home } from './en/home.ts';
import { parking } from './en/parking.ts';
import { people } from './en/people.ts';
import { shuttle } from './en/shuttle.ts';
import type { Texts } from './zh-CN.ts';

export const en: Texts = { common, home, parking, people, shuttle };
