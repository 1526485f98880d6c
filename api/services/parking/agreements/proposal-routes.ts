import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { badCursor, cutPage, readCursor } from '../../../http/cursor.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { seenVersion } from '../../../http/if-match.ts';
import { problemResponse, type AnyContext } from '../../../http/problem.ts';
import { id, pageOf } from '../../../http/schemas.ts';
import { signedIn, type SignedIn } from '../../../http/signed-in.ts';
import { validate } from '../../../http/validate.ts';
import type { Once } from '../../../engine/once.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { agreementRefusal } from './agreement-answers.ts';
import {
  closeRequest,
  confirmRequest,
  proposalAnswer,
  proposalQuery,
  proposalRequest,
  proposedAnswer,
} from './agreement-schemas.ts';
import { isParty, sidesOf } from './agreements.ts';
import { presentEffects, presentProposals } from './present-agreement.ts';
import { confirmProposal, endProposal, proposeTerms, type Proposed } from './propose-terms.ts';
import { proposalById, proposalsFor } from './proposals.ts';

const param = z.object({ id });
const tag = 'parking agreements';

/** Terms that one party proposes, and the other confirms or rejects. */
export const proposalRoutes = new Hono<AppEnv>()
  .post(
    '/parking/agreement-proposals',
    describe({
      summary: 'Propose terms for an agreement or a new one; a dry run shows what would follow',
      tag,
      access: 'staff',
      answers: { 200: proposedAnswer, 201: proposedAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', proposalRequest),
    async (c) => {
      const request = c.req.valid('json');
      const context = await c.get('deps').contextNow();
      if (!isParty(c.get('caller'))) return problemResponse(c, 'not-found');
      const done = await proposeTerms(context, c.get('caller'), request, c.get('idempotency'));
      if (!done.ok) return agreementRefusal(c, done);
      return c.json(await proposedBody(c, context, done, false), request.dryRun ? 200 : 201);
    },
  )
  .get(
    '/parking/agreement-proposals',
    describe({
      summary: 'Proposals of the caller’s parties, newest first',
      tag,
      access: 'staff',
      answers: { 200: pageOf(proposalAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('query', proposalQuery),
    async (c) => {
      const { resourceId, state, limit, cursor } = c.req.valid('query');
      const caller = c.get('caller');
      if (!isParty(caller)) return problemResponse(c, 'not-found');
      const before = cursor === undefined ? null : readCursor(cursor, ['string'])?.[0];
      if (before !== null && (typeof before !== 'string' || !isUuid(before))) return badCursor(c);
      const context = await c.get('deps').contextNow();
      const search = { resourceId: resourceId ?? null, state: state ?? null, before, limit: limit + 1 };
      const found = await proposalsFor(context.db, context.site.id, caller, search);
      const { page, nextCursor } = cutPage(found, limit, (each) => [each.id]);
      return c.json({ items: await presentProposals(context, caller, page), nextCursor });
    },
  )
  .get(
    '/parking/agreement-proposals/:id',
    describe({
      summary: 'One proposal, with what it would take the place of',
      tag,
      access: 'staff',
      answers: { 200: proposalAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const proposal = await shownProposal(context, c.get('caller'), c.req.valid('param').id);
      if (!proposal) return problemResponse(c, 'not-found');
      c.header('ETag', `"${proposal.version}"`);
      return c.json(proposal);
    },
  )
  .post(
    '/parking/agreement-proposals/:id/confirm',
    describe({
      summary: 'Confirm a proposal for the other side: it comes into force; a dry run shows what follows',
      tag,
      access: 'staff',
      answers: { 200: proposedAnswer },
      problems: ['validation', 'not-found', 'stale', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', confirmRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { side, dryRun } = c.req.valid('json');
      const answering = answeringBy(c, c.req.valid('param').id);
      const done = await confirmProposal(context, c.get('caller'), { ...answering, side, dryRun });
      return done.ok ? c.json(await proposedBody(c, context, done, !dryRun)) : agreementRefusal(c, done);
    },
  )
  .post(
    '/parking/agreement-proposals/:id/reject',
    describe({
      summary: 'Reject a proposal for the other side',
      tag,
      access: 'staff',
      answers: { 200: proposedAnswer },
      problems: ['validation', 'not-found', 'stale', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', closeRequest),
    (c) => ended(c, c.req.valid('param').id, { state: 'rejected', ...c.req.valid('json') }),
  )
  .post(
    '/parking/agreement-proposals/:id/withdraw',
    describe({
      summary: 'Take a proposal back for the side that made it',
      tag,
      access: 'staff',
      answers: { 200: proposedAnswer },
      problems: ['validation', 'not-found', 'stale', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', param),
    validate('json', closeRequest),
    (c) => ended(c, c.req.valid('param').id, { state: 'withdrawn', ...c.req.valid('json') }),
  );

/** Which proposal is answered, as the caller has seen it. */
const answeringBy = (c: HonoContext<SignedIn>, proposalId: string) => ({
  id: proposalId,
  expectedVersion: seenVersion(c),
  idempotency: c.get('idempotency'),
});

async function ended(c: HonoContext<SignedIn>, proposalId: string, closing: Parameters<typeof endProposal>[3]) {
  const context = await c.get('deps').contextNow();
  const done = await endProposal(context, c.get('caller'), answeringBy(c, proposalId), closing);
  return done.ok ? c.json(await proposedBody(c, context, done, false)) : agreementRefusal(c, done);
}

async function shownProposal(context: Context, caller: Caller, proposalId: string) {
  const kept = isUuid(proposalId) ? await proposalById(context.db, context.site.id, proposalId, false) : null;
  if (!kept || sidesOf(caller, kept).size === 0) return null;
  return (await presentProposals(context, caller, [kept]))[0] ?? null;
}

const nothingFollowed = { published: 0, renewed: 0, kept: [], change: null };

async function proposedBody(
  c: AnyContext,
  context: Context,
  { result, replayed }: Extract<Once<Proposed>, { ok: true }>,
  applied: boolean,
) {
  if (replayed) c.header('Idempotent-Replay', 'true');
  const { proposalId, followed } = result;
  const proposal = proposalId === null ? null : await shownProposal(context, c.get('caller') as Caller, proposalId);
  if (proposal) c.header('ETag', `"${proposal.version}"`);
  return { proposal, effects: await presentEffects(context, followed ?? nothingFollowed, applied) };
}
