import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id, isoDate } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { gtfsRefusals } from './gtfs-refusals.ts';
import { positionAnswer, positionRequest, seenIn } from './position-schemas.ts';
import { recordPosition } from './record-position.ts';

/** Where the buses are. */
export const positionRoutes = new Hono<AppEnv>().post(
  '/shuttle/runs/:runId/days/:date/position',
  describe({
    summary: 'Say where the bus of a run is, on its day (dispatcher, site administrator)',
    tag: 'shuttle',
    access: 'staff',
    answers: { 200: positionAnswer },
    problems: ['validation', 'not-found', 'rule'],
  }),
  signedIn,
  validate('param', z.object({ runId: id, date: isoDate })),
  validate('json', positionRequest),
  async (c) => {
    const { contextNow, config } = c.get('deps');
    const { runId, date } = c.req.valid('param');
    const everySeconds = config.gtfs.positionSeconds;
    const recorded = await recordPosition(
      await contextNow(),
      { as: 'staff', caller: c.get('caller') },
      { runId, serviceDate: date },
      seenIn(c.req.valid('json')),
      everySeconds,
    );
    if (!recorded.ok) return refusedResponse(c, recorded, gtfsRefusals);
    return c.json({ kept: recorded.kept, everySeconds });
  },
);
