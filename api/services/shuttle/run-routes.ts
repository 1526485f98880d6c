import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../http/describe.ts';
import type { AppEnv } from '../../http/environment.ts';
import { validate } from '../../http/validate.ts';
import { noteSearch } from './advisor/searched-rides.ts';
import { presentRunDay, runDaysOn, todayOf, withRide } from './run-days.ts';
import { runDayAnswer, runDayQuery } from './schemas.ts';

/** The runs of a day. */
export const runRoutes = new Hono<AppEnv>().get(
  '/shuttle/runs',
  describe({
    summary:
      'The runs of a date as they will go, with seats per leg and what was changed for that day; from stop to stop, only those that go that way',
    tag: 'shuttle',
    access: 'anyone',
    answers: { 200: z.object({ items: z.array(runDayAnswer) }) },
    problems: ['validation'],
  }),
  validate('query', runDayQuery),
  async (c) => {
    const context = await c.get('deps').contextNow();
    const { date, lineId, from, to, at } = c.req.valid('query');
    const serviceDate = date ?? todayOf(context);
    const days = await runDaysOn(context, [serviceDate], lineId ?? null);
    if (from === undefined || to === undefined)
      return c.json({ items: days.map((day) => presentRunDay(context, day)) });
    const deps = c.get('deps');
    const who = c.get('caller')?.personId ?? deps.addressOf(c.req.raw, c.env);
    if (at !== undefined) noteSearch(deps.wishes, days, { serviceDate, fromStopId: from, toStopId: to, at }, who);
    return c.json({ items: days.flatMap((day) => withRide(context, day, { from, to })) });
  },
);
