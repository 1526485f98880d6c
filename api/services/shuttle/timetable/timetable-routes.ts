import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { seenTag } from '../../../http/if-match.ts';
import { problemResponse } from '../../../http/problem.ts';
import { id } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { undoRequest } from '../../capacity-schemas.ts';
import { makeTimetable } from './make-timetable.ts';
import { presentLines, presentTimetablePlan } from './present-timetables.ts';
import { tagPlan, timetableRefusal } from './timetable-answers.ts';
import { linesOf } from './timetable-command.ts';
import { lineTimetablesList, timetablePlan, timetableQuery, timetableRequest } from './timetable-schemas.ts';
import { undoTimetable } from './undo-timetable.ts';

const tag = 'shuttle';
const problems = ['validation', 'not-found', 'stale', 'rule', 'key-reused', 'in-flight'] as const;

/** Timetables of lines, each from a date on. */
export const timetableRoutes = new Hono<AppEnv>()
  .get(
    '/shuttle/timetables',
    describe({
      summary: 'The timetables of the caller’s lines with their validity, latest first',
      ...{ tag, access: 'staff', answers: { 200: lineTimetablesList }, problems: ['validation', 'not-found'] },
    }),
    signedIn,
    validate('query', timetableQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { lineId } = c.req.valid('query');
      const lines = await linesOf(context, c.get('caller'));
      const asked = lines.filter((line) => lineId === undefined || line.id === lineId);
      if (asked.length === 0) return problemResponse(c, 'not-found');
      return c.json({ items: await presentLines(context, asked) });
    },
  )
  .post(
    '/shuttle/timetables',
    describe({
      summary: 'Make a timetable of a line from a date on; a dry run shows who moves and who gives way',
      ...{ tag, access: 'staff', answers: { 200: timetablePlan, 201: timetablePlan }, problems },
    }),
    signedIn,
    validate('json', timetableRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { dryRun, ...request } = c.req.valid('json');
      const call = { idempotency: c.get('idempotency'), expectedTag: seenTag(c), dryRun };
      const done = await makeTimetable(context, c.get('caller'), request, call);
      if (!done.ok) return timetableRefusal(c, done);
      if (!dryRun) c.get('deps').forgetSurroundings();
      tagPlan(c, done, !dryRun);
      return c.json(await presentTimetablePlan(context, done.result, !dryRun), dryRun ? 200 : 201);
    },
  )
  .post(
    '/shuttle/timetables/:id/undo',
    describe({
      summary: 'Take a timetable back that has not begun, while nothing depends on it',
      ...{ tag, access: 'staff', answers: { 200: timetablePlan }, problems },
    }),
    signedIn,
    validate('param', z.object({ id })),
    validate('json', undoRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { dryRun, reason } = c.req.valid('json');
      const call = { idempotency: c.get('idempotency'), expectedTag: seenTag(c), dryRun };
      const done = await undoTimetable(context, c.get('caller'), c.req.valid('param').id, { reason }, call);
      if (!done.ok) return timetableRefusal(c, done);
      if (!dryRun) c.get('deps').forgetSurroundings();
      tagPlan(c, done, !dryRun);
      return c.json(await presentTimetablePlan(context, done.result, !dryRun));
    },
  );
