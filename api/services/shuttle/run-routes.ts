import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../http/describe.ts';
import type { AppEnv } from '../../http/environment.ts';
import { validate } from '../../http/validate.ts';
import { presentRunDay, runDaysOn, todayOf } from './run-days.ts';
import { runDayAnswer, runDayQuery } from './schemas.ts';

/** The runs of a day. */
export const runRoutes = new Hono<AppEnv>().get(
  '/shuttle/runs',
  describe({
    summary: 'The runs of a date as they will go, with seats per leg and what was changed for that day',
    tag: 'shuttle',
    access: 'anyone',
    answers: { 200: z.object({ items: z.array(runDayAnswer) }) },
    problems: ['validation'],
  }),
  validate('query', runDayQuery),
  async (c) => {
    const context = await c.get('deps').contextNow();
    const { date, lineId } = c.req.valid('query');
    const days = await runDaysOn(context, [date ?? todayOf(context)], lineId ?? null);
    return c.json({ items: days.map((day) => presentRunDay(context, day)) });
  },
);
