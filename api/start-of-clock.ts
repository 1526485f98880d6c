import { siteRow } from '../db/seed/caohejing.ts';
import { instantOf, InvalidTimeText, NonexistentLocalTime, parseInstant, type Instant } from './calendar/time.ts';
import { BadConfiguration, type Config } from './config.ts';

/**
 * In demo mode the clock may start on another day; a time without an offset is local to the site, a date alone means nine o'clock.
 * @throws BadConfiguration for a day or time that does not exist.
 */
export function startOfClock({ demoNow }: Pick<Config, 'demoNow'>): Instant | null {
  if (demoNow === null) return null;
  try {
    if (/(Z|[+-]\d\d:\d\d)$/.test(demoNow)) return parseInstant(demoNow.replace(/(T\d\d:\d\d)(?=Z|[+-])/, '$1:00'));
    const [date = '', time = '09:00'] = demoNow.split('T');
    const [hours = '', minutes = '', seconds = '00'] = time.split(':');
    if (seconds > '59') throw new InvalidTimeText(time, 'a time of day');
    return instantOf(date, `${hours}:${minutes}`, siteRow.timeZone) + Number(seconds) * 1000;
  } catch (error) {
    if (error instanceof InvalidTimeText || error instanceof NonexistentLocalTime) {
      throw new BadConfiguration(`DEMO_NOW is not a time that exists: ${demoNow}`, { cause: error });
    }
    throw error;
  }
}
