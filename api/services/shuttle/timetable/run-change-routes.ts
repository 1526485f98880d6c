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
import { addRun } from './add-run.ts';
import { changeRunDay } from './change-run.ts';
import { presentRunChanges, presentRunPlan } from './present-run-plan.ts';
import { runChangesOn } from './run-change-rows.ts';
import { linesOf, runsOf } from './timetable-command.ts';
import { tagPlan, timetableRefusal } from './timetable-answers.ts';
import {
  newRunRequest,
  runChangeList,
  runChangeQuery,
  runChangeRequest,
  runDayParam,
  runPlan,
} from './timetable-schemas.ts';
import { undoRunChange } from './undo-run-change.ts';

const tag = 'shuttle';
const problems = ['validation', 'not-found', 'stale', 'rule', 'key-reused', 'in-flight'] as const;

/** What the dispatcher changes of the runs of one date. */
export const runChangeRoutes = new Hono<AppEnv>()
  .post(
    '/shuttle/runs/:runId/days/:date/changes',
    describe({
      summary: 'Cancel, retime or flip a run for one date; a dry run shows who moves and who gives way',
      ...{ tag, access: 'staff', answers: { 200: runPlan }, problems },
    }),
    signedIn,
    validate('param', runDayParam),
    validate('json', runChangeRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { dryRun, ...request } = c.req.valid('json');
      const call = { idempotency: c.get('idempotency'), expectedTag: seenTag(c), dryRun };
      const done = await changeRunDay(context, c.get('caller'), { ...c.req.valid('param'), ...request }, call);
      if (!done.ok) return timetableRefusal(c, done);
      tagPlan(c, done, !dryRun);
      return c.json(await presentRunPlan(context, done.result, !dryRun));
    },
  )
  .post(
    '/shuttle/runs',
    describe({
      summary: 'Add a run for one date, while a bus is free for it',
      ...{ tag, access: 'staff', answers: { 200: runPlan, 201: runPlan }, problems },
    }),
    signedIn,
    validate('json', newRunRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { dryRun, ...request } = c.req.valid('json');
      const call = { idempotency: c.get('idempotency'), expectedTag: seenTag(c), dryRun };
      const done = await addRun(context, c.get('caller'), request, call);
      if (!done.ok) return timetableRefusal(c, done);
      if (!dryRun) c.get('deps').forgetSurroundings();
      tagPlan(c, done, !dryRun);
      return c.json(await presentRunPlan(context, done.result, !dryRun), dryRun ? 200 : 201);
    },
  )
  .get(
    '/shuttle/run-changes',
    describe({
      summary: 'What was changed of the runs of a date, latest first, and taken back',
      ...{ tag, access: 'staff', answers: { 200: runChangeList }, problems: ['validation', 'not-found'] },
    }),
    signedIn,
    validate('query', runChangeQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { date, lineId } = c.req.valid('query');
      const lines = await linesOf(context, c.get('caller'));
      const asked = lines.filter((line) => lineId === undefined || line.id === lineId);
      if (asked.length === 0) return problemResponse(c, 'not-found');
      const runs = asked.flatMap((line) => runsOf(context, line.id));
      const ids = runs.map((run) => run.id);
      const changes = await runChangesOn(context.db, context.site.id, ids, [date]);
      return c.json({ items: await presentRunChanges(context, changes) });
    },
  )
  .post(
    '/shuttle/run-changes/:id/undo',
    describe({
      summary: 'Take a change of a run’s day back while nothing depends on it',
      ...{ tag, access: 'staff', answers: { 200: runPlan }, problems },
    }),
    signedIn,
    validate('param', z.object({ id })),
    validate('json', undoRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { dryRun, reason } = c.req.valid('json');
      const call = { idempotency: c.get('idempotency'), expectedTag: seenTag(c), dryRun };
      const done = await undoRunChange(context, c.get('caller'), c.req.valid('param').id, { reason }, call);
      if (!done.ok) return timetableRefusal(c, done);
      if (!dryRun) c.get('deps').forgetSurroundings();
      tagPlan(c, done, !dryRun);
      return c.json(await presentRunPlan(context, done.result, !dryRun));
    },
  );
