import { advisor } from './zh-CN/advisor.ts';
import { agreements } from './zh-CN/agreements.ts';
import { alerts } from './zh-CN/alerts.ts';
import { desk } from './zh-CN/desk.ts';
import { childcare } from './zh-CN/childcare.ts';
import { canteen } from './zh-CN/canteen.ts';
import { boarding } from './zh-CN/boarding.ts';
import { bookings } from './zh-CN/bookings.ts';
import { common } from './zh-CN/common.ts';
import { dayPlan } from './zh-CN/day-plan.ts';
import { gate } from './zh-CN/gate.ts';
import { home } from './zh-CN/home.ts';
import { notices } from './zh-CN/notices.ts';
import { overstays } from './zh-CN/overstays.ts';
import { parking } from './zh-CN/parking.ts';
import { people } from './zh-CN/people.ts';
import { shuttle } from './zh-CN/shuttle.ts';
import { standing } from './zh-CN/standing.ts';
import { standby } from './zh-CN/standby.ts';
import { shuttleDesk } from './zh-CN/shuttle-desk.ts';
import { vehicles } from './zh-CN/vehicles.ts';

/** The source of all texts: another language must have the same keys. A page's texts are one file of the folder beside. */
export const zhCN = {
  advisor,
  agreements,
  boarding,
  alerts,
  bookings,
  canteen,
  childcare,
  common,
  dayPlan,
  desk,
  gate,
  home,
  notices,
  overstays,
  parking,
  people,
  shuttle,
  standing,
  standby,
  shuttleDesk,
  vehicles,
};
export type Texts = typeof zhCN;
