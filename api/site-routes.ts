import { Hono } from 'hono';
import { z } from 'zod';
import { dateOf, datesBetween, plusDays, toText } from './calendar/time.ts';
import { describe } from './http/describe.ts';
import type { AppEnv } from './http/environment.ts';
import { problemResponse } from './http/problem.ts';
import { isoDate, localized } from './http/schemas.ts';
import { validate } from './http/validate.ts';
import { siteAnswer, type Site } from './people/schemas.ts';

const maxDays = 366;
const calendarDayAnswer = z.object({
  date: isoDate,
  kind: z.enum(['off', 'workday']),
  name: localized.nullable(),
  status: z.enum(['published', 'provisional']),
});

/** The place itself: its name, its clock and its calendar. */
export const siteRoutes = new Hono<AppEnv>()
  .get(
    '/site',
    describe({ summary: 'The site and its clock', tag: 'site', access: 'anyone', answers: { 200: siteAnswer } }),
    async (c) => {
      const { contextNow, config, demoPeople } = c.get('deps');
      const { site, now } = await contextNow();
      const answer: Site = {
        id: site.code,
        name: site.name,
        timeZone: site.timeZone,
        currency: site.currency,
        walkingMetresPerMinute: site.walkingMetresPerMinute,
        now: toText(now, site.timeZone),
        demo: config.isDemo,
        demoPeople: [...demoPeople],
      };
      return c.json(answer);
    },
  )
  .get(
    '/calendar/days',
    describe({
      summary: 'Days off and working days; provisional where no calendar is published',
      tag: 'site',
      access: 'anyone',
      answers: { 200: z.object({ items: z.array(calendarDayAnswer) }) },
      problems: ['validation'],
    }),
    validate('query', z.strictObject({ from: isoDate.optional(), to: isoDate.optional() })),
    async (c) => {
      const { calendar, now, site } = await c.get('deps').contextNow();
      const query = c.req.valid('query');
      const from = query.from ?? dateOf(now, site.timeZone);
      const to = query.to ?? plusDays(from, 30);
      if (to < from || plusDays(from, maxDays) < to) {
        return problemResponse(c, 'validation', {
          errors: [{ pointer: '/to', message: `${from} – ${plusDays(from, maxDays)}` }],
        });
      }
      const items = datesBetween(from, to).map((date) => {
        const { kind, name, status } = calendar.day(date);
        return { date, kind, name, status };
      });
      return c.json({ items });
    },
  );
