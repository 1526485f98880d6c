import { Hono } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { id, pageOf, pageQuery } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import { capacityPlan } from '../../capacity-schemas.ts';
import { isUuid } from '../../drafting.ts';
import { agreementRefusal } from './agreement-answers.ts';
import {
  balanceQuery,
  swapBalance,
  withdrawalAnswer,
  withdrawalReceipt,
  withdrawalRequest,
} from './agreement-schemas.ts';
import { presentStayPlan, presentWithdrawal, presentWithdrawalReceipt } from './present-agreement.ts';
import { swapBalanceCsv } from './swap-balance-csv.ts';
import { swapBalanceOf } from './swap-balance.ts';
import { withdrawalById, withdrawalsOf, withdrawSpaces } from './withdraw-spaces.ts';

const param = z.object({ id });
const tag = 'parking agreements';

/** What a lender takes back, and what two that lend in return have given each other. */
export const swapRoutes = new Hono<AppEnv>()
  .post(
    '/parking/agreements/:id/withdrawals',
    describe({
      summary: 'Take spaces back for some dates; who has booked them gives way in the declared order',
      tag,
      access: 'staff',
      answers: { 200: capacityPlan },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', withdrawalRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const request = { ...c.req.valid('json'), idempotency: c.get('idempotency') };
      const done = await withdrawSpaces(context, c.get('caller'), c.req.valid('param').id, request);
      if (!done.ok) return agreementRefusal(c, done);
      if (done.replayed) c.header('Idempotent-Replay', 'true');
      return c.json(await presentStayPlan(context, done.result));
    },
  )
  .get(
    '/parking/agreements/:id/withdrawals',
    describe({
      summary: 'What was taken back of an agreement, newest first, for both parties',
      tag,
      access: 'staff',
      answers: { 200: pageOf(withdrawalAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    validate('query', z.strictObject(pageQuery)),
    async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const before = cursor === undefined ? null : readCursor(cursor, ['string'])?.[0];
      if (before !== null && (typeof before !== 'string' || !isUuid(before))) return badCursor(c);
      const context = await c.get('deps').contextNow();
      const page = { before, limit: limit + 1 };
      const found = await withdrawalsOf(context, c.get('caller'), c.req.valid('param').id, page);
      if (!found) return problemResponse(c, 'not-found');
      const { page: shown, nextCursor } = cutPage(found, limit, ({ changeId }) => [changeId]);
      return c.json({ items: shown.map((each) => presentWithdrawal(context, each)), nextCursor });
    },
  )
  .get(
    '/parking/withdrawals/:id',
    describe({
      summary: 'One withdrawal with its receipt: each night, and who gave way',
      tag,
      access: 'staff',
      answers: { 200: withdrawalReceipt },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const found = await withdrawalById(context, c.get('caller'), c.req.valid('param').id);
      return found ? c.json(await presentWithdrawalReceipt(context, found)) : problemResponse(c, 'not-found');
    },
  )
  .get(
    '/parking/agreements/:id/swap-balance',
    describe({
      summary: 'Space-minutes that each side of a swap gave and took, by month',
      tag,
      access: 'staff',
      answers: { 200: swapBalance },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('param', param),
    validate('query', balanceQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const found = await swapBalanceOf(context, c.get('caller'), c.req.valid('param').id, c.req.valid('query'));
      return found.ok ? c.json(found.balance) : agreementRefusal(c, found);
    },
  )
  .get(
    '/parking/agreements/:id/swap-balance.csv',
    describe({
      summary: 'The same as a table for spreadsheets',
      tag,
      access: 'staff',
      answers: {},
      csv: 'A line for each month and side, then the totals; UTF-8 with a byte order mark',
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('param', param),
    validate('query', balanceQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const agreementId = c.req.valid('param').id;
      const found = await swapBalanceOf(context, c.get('caller'), agreementId, c.req.valid('query'));
      if (!found.ok) return agreementRefusal(c, found);
      return c.body(swapBalanceCsv(found.balance, c.get('language') === 'en' ? 'en' : 'zh'), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="swap-balance-${agreementId}.csv"`,
      });
    },
  );
