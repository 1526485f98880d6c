import { Hono } from 'hono';
import { z } from 'zod';
import { changesOf } from '../engine/capacity-change-rows.ts';
import type { CapacityChangeOutcome } from '../engine/plan-capacity-change.ts';
import type { UndoOutcome } from '../engine/undo-capacity-change.ts';
import { badCursor, cutPage, readCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { seenTag } from '../http/if-match.ts';
import { problemResponse, type AnyContext, type ProblemResponse } from '../http/problem.ts';
import { ruleResponse } from '../http/rule-response.ts';
import { id, pageOf } from '../http/schemas.ts';
import { signedIn } from '../http/signed-in.ts';
import { validate } from '../http/validate.ts';
import {
  capacityChangeAnswer,
  capacityChangeQuery,
  capacityChangeReceipt,
  capacityChangeRequest,
  capacityPlan,
  undoPlan,
  undoRequest,
} from './capacity-schemas.ts';
import { changeSlotCapacity } from './change-capacity.ts';
import { isUuid } from './drafting.ts';
import { managesResource } from './manages.ts';
import { presentChanges, presentReceipt, presentUndo, titleIn } from './present-capacity.ts';
import { presentPlan } from './present-plan.ts';
import { refusalResponse } from './refusal-response.ts';
import { managedChange, undoChange } from './undo-change.ts';

const param = z.object({ id });

/** Changing how much there is, looking at what was changed, and taking it back. */
export const capacityRoutes = new Hono<AppEnv>()
  .post(
    '/capacity-changes',
    describe({
      summary: 'Plan and make a change of capacity; close or reopen slots',
      tag: 'inventory',
      access: 'staff',
      answers: { 200: capacityPlan },
      problems: ['validation', 'not-found', 'below-booked', 'stale', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', capacityChangeRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const change = await changeSlotCapacity(
        context,
        c.get('caller'),
        c.req.valid('json'),
        c.get('idempotency'),
        seenTag(c),
      );
      if (!change.ok) return refusalResponse(c, change);
      const outcome = change.result;
      if (!outcome.ok && outcome.problem === 'stale') c.header('ETag', `"${outcome.tag}"`);
      if (!outcome.ok) return capacityRefusal(c, outcome);
      c.header('ETag', `"${outcome.tag}"`);
      if (change.replayed) c.header('Idempotent-Replay', 'true');
      return c.json(await presentPlan(context, outcome, titleIn(context)));
    },
  )
  .get(
    '/capacity-changes',
    describe({
      summary: 'What was changed of a resource, newest first',
      tag: 'inventory',
      access: 'staff',
      answers: { 200: pageOf(capacityChangeAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', capacityChangeQuery),
    async (c) => {
      const { resourceId, limit, cursor } = c.req.valid('query');
      const context = await c.get('deps').contextNow();
      if (!managesResource(context, c.get('caller'), resourceId)) return problemResponse(c, 'not-found');
      const before = cursor === undefined ? null : readCursor(cursor, ['string'])?.[0];
      if (before !== null && (typeof before !== 'string' || !isUuid(before))) return badCursor(c);
      const changes = await changesOf(context.db, context.site.id, resourceId, { before, limit: limit + 1 });
      const { page, nextCursor } = cutPage(changes, limit, (change) => [change.id]);
      return c.json({ items: await presentChanges(context, page), nextCursor });
    },
  )
  .get(
    '/capacity-changes/:id',
    describe({
      summary: 'One change with its receipt: each slot before and after, and who gave way',
      tag: 'inventory',
      access: 'staff',
      answers: { 200: capacityChangeReceipt },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const change = await managedChange(context, c.get('caller'), c.req.valid('param').id);
      return change ? c.json(await presentReceipt(context, change)) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/capacity-changes/:id/undo',
    describe({
      summary: 'Take a change back while nothing depends on it',
      tag: 'inventory',
      access: 'staff',
      answers: { 200: undoPlan },
      problems: ['validation', 'not-found', 'below-booked', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', undoRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { id: changeId } = c.req.valid('param');
      const undone = await undoChange(context, c.get('caller'), changeId, c.req.valid('json'), c.get('idempotency'));
      if (!undone.ok) return refusalResponse(c, undone);
      if (!undone.result.ok) return undoRefusal(c, undone.result);
      if (undone.replayed) c.header('Idempotent-Replay', 'true');
      return c.json(await presentUndo(context, undone.result));
    },
  );

function capacityRefusal(c: AnyContext, refusal: Exclude<CapacityChangeOutcome, { ok: true }>): ProblemResponse {
  switch (refusal.problem) {
    case 'unknown-slot':
      return problemResponse(c, 'not-found');
    case 'stale':
      return problemResponse(c, 'stale');
    case 'too-many-displaced':
      return refusalResponse(c, { ok: false, problem: 'rule', rule: refusal.problem });
    case 'bookings-must-stay':
      return ruleResponse(c, refusal.problem, {}, inTheWay(refusal.changes));
    case 'below-booked':
      return problemResponse(c, 'below-booked', inTheWay(refusal.changes));
  }
}

function undoRefusal(c: AnyContext, refusal: Exclude<UndoOutcome, { ok: true }>): ProblemResponse {
  switch (refusal.problem) {
    case 'unknown-change':
      return problemResponse(c, 'not-found');
    case 'rule':
      return refusalResponse(c, refusal);
    case 'below-booked':
      return problemResponse(c, 'below-booked', inTheWay(refusal.changes));
  }
}

type InTheWay = { slotId: number; booked: number; after: number; excess: number };

/** The slots that hold more than they may, in numbers. */
function inTheWay(changes: readonly InTheWay[]) {
  const excessive = changes.filter(({ excess }) => excess > 0);
  return {
    slotId: String(excessive[0]?.slotId),
    changes: excessive.map(({ slotId, booked, after, excess }) => ({ slotId: String(slotId), booked, after, excess })),
  };
}
