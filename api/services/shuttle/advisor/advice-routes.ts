import { Hono } from 'hono';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { ruleResponse } from '../../../http/rule-response.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { shuttleRefusals } from '../rules.ts';
import { adviceOn } from './advice.ts';
import { adviceAnswer, adviceQuery } from './advice-schemas.ts';
import { presentAdvice } from './present-advice.ts';

/** The tidal advisor: how the runs of a day would be spent best. */
export const adviceRoutes = new Hono<AppEnv>().get(
  '/shuttle/advice',
  describe({
    summary:
      "What demand says of a line's timetable, and a timetable that would serve more riders (dispatcher, site administrator)",
    tag: 'shuttle',
    access: 'staff',
    answers: { 200: adviceAnswer },
    problems: ['validation', 'not-found', 'rule'],
  }),
  signedIn,
  validate('query', adviceQuery),
  async (c) => {
    const context = await c.get('deps').contextNow();
    const advice = await adviceOn(context, c.get('caller'), c.req.valid('query'));
    if (advice === null) return problemResponse(c, 'not-found');
    if (advice === 'bad-period') return ruleResponse(c, advice, shuttleRefusals);
    return c.json(presentAdvice(advice));
  },
);
