import { advisor } from './en/advisor.ts';
import { agreements } from './en/agreements.ts';
import { alerts } from './en/alerts.ts';
import { desk } from './en/desk.ts';
import { childcare } from './en/childcare.ts';
import { canteen } from './en/canteen.ts';
import { boarding } from './en/boarding.ts';
import { bookings } from './en/bookings.ts';
import { common } from './en/common.ts';
import { dayPlan } from './en/day-plan.ts';
import { gate } from './en/gate.ts';
import { home } from './en/home.ts';
import { notices } from './en/notices.ts';
import { overstays } from './en/overstays.ts';
import { parking } from './en/parking.ts';
import { people } from './en/people.ts';
import { shuttle } from './en/shuttle.ts';
import { standing } from './en/standing.ts';
import { standby } from './en/standby.ts';
import { shuttleDesk } from './en/shuttle-desk.ts';
import { vehicles } from './en/vehicles.ts';
import type { Texts } from './zh-CN.ts';

export const en: Texts = {
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
