import { Hono } from 'hono';
import { z } from 'zod';
import { dateOf, toText } from '../../../calendar/time.ts';
import { describe } from '../../../http/describe.ts';
import type { AppEnv } from '../../../http/environment.ts';
import { problemResponse } from '../../../http/problem.ts';
import { refusedResponse } from '../../../http/rule-response.ts';
import { id } from '../../../http/schemas.ts';
import { signedIn } from '../../../http/signed-in.ts';
import { noBody, validate } from '../../../http/validate.ts';
import { maskPlate } from '../../../people/plate.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { monthOf } from './month-rules.ts';
import { enterRound, withdrawEntry, type Entered } from './round-entries.ts';
import { entriesOf, publishedEntries, roundById, roundsFrom, type Round, type RoundEntry } from './round-rows.ts';
import { drawAnswer, entryRequest, roundAnswer, roundQuery } from './round-schemas.ts';
import { parkingRefusals } from '../rules.ts';

const algorithm =
  'number = SHA-256 of the text seed + entry id, as 64 hexadecimal digits; the lowest number has place 1. commitment = SHA-256 of the text seed. ' +
  'Places are served in order: a whole month each until it is full, then the waiting list.';

/** Months that are given out by draw. */
export const roundRoutes = new Hono<AppEnv>()
  .get(
    '/parking/rounds',
    describe({
      summary: 'The draws of this month and the next ones, with my entries',
      tag: 'parking',
      access: 'anyone',
      answers: { 200: z.object({ items: z.array(roundAnswer) }) },
      problems: ['validation'],
    }),
    validate('query', roundQuery),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const month = monthOf(dateOf(context.now, context.site.timeZone));
      const resourceId = c.req.valid('query').resourceId ?? null;
      const rounds = await roundsFrom(context.db, context.site.id, month, resourceId);
      return c.json({ items: await presented(context, rounds, c.get('caller')?.personId ?? null) });
    },
  )
  .get(
    '/parking/rounds/:id',
    describe({
      summary: 'One draw, with my entries',
      tag: 'parking',
      access: 'anyone',
      answers: { 200: roundAnswer },
      problems: ['validation', 'not-found'],
    }),
    validate('param', z.object({ id })),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const shown = await shownRound(context, c.req.valid('param').id, c.get('caller')?.personId ?? null);
      return shown ? c.json(shown) : problemResponse(c, 'not-found');
    },
  )
  .get(
    '/parking/rounds/:id/draw',
    describe({
      summary: 'What is published of a draw, so that anybody can draw again',
      tag: 'parking',
      access: 'anyone',
      answers: { 200: drawAnswer },
      problems: ['validation', 'not-found'],
    }),
    validate('param', z.object({ id })),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const round = await roundWithId(context, c.req.valid('param').id);
      if (!round) return problemResponse(c, 'not-found');
      const isDrawn = round.state !== 'open';
      const { opensAt, closesAt, seed, state: _state, entries: _entries, ...facts } = round;
      return c.json({
        ...facts,
        opensAt: toText(opensAt, context.site.timeZone),
        closesAt: toText(closesAt, context.site.timeZone),
        algorithm,
        seed: isDrawn ? seed : null,
        entries: isDrawn ? await publishedEntries(context.db, context.site.id, round.id) : [],
      });
    },
  )
  .post(
    '/parking/rounds/:id/entries',
    describe({
      summary: 'Enter a draw with one of my cars while it is open',
      tag: 'parking',
      access: 'signed-in',
      answers: { 201: roundAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', z.object({ id })),
    validate('json', entryRequest),
    async (c) => {
      const context = await c.get('deps').contextNow();
      const wish = { roundId: c.req.valid('param').id, vehicleId: c.req.valid('json').vehicleId };
      const entered = await enterRound(context, c.get('caller'), wish, c.get('idempotency'));
      if (!entered.ok) return refusedResponse(c, entered, parkingRefusals);
      if (entered.replayed) c.header('Idempotent-Replay', 'true');
      const shown = await shownRound(context, wish.roundId, c.get('caller').personId);
      return shown ? c.json(shown, 201) : problemResponse(c, 'not-found');
    },
  )
  .post(
    '/parking/rounds/:id/entries/:entryId/withdraw',
    describe({
      summary: 'Take an entry of mine back while the draw is open',
      tag: 'parking',
      access: 'signed-in',
      answers: { 200: roundAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', z.object({ id, entryId: id })),
    noBody,
    async (c) => {
      const context = await c.get('deps').contextNow();
      const { id: roundId, entryId } = c.req.valid('param');
      const withdrawn: Entered = await withdrawEntry(
        context,
        c.get('caller'),
        { roundId, entryId },
        c.get('idempotency'),
      );
      if (!withdrawn.ok) return refusedResponse(c, withdrawn, parkingRefusals);
      if (withdrawn.replayed) c.header('Idempotent-Replay', 'true');
      const shown = await shownRound(context, roundId, c.get('caller').personId);
      return shown ? c.json(shown) : problemResponse(c, 'not-found');
    },
  );

async function roundWithId({ db, site }: Context, roundId: string): Promise<Round | null> {
  return isUuid(roundId) ? roundById(db, site.id, roundId) : null;
}

async function shownRound(context: Context, roundId: string, personId: string | null) {
  const round = await roundWithId(context, roundId);
  return round ? (await presented(context, [round], personId))[0] : undefined;
}

async function presented(
  { db, site, now }: Context,
  rounds: readonly Round[],
  personId: string | null,
): Promise<z.infer<typeof roundAnswer>[]> {
  const roundIds = rounds.map(({ id: roundId }) => roundId);
  const mine = personId === null ? [] : await entriesOf(db, site.id, personId, roundIds);
  return rounds.map(({ seed: _seed, opensAt, closesAt, state, ...round }) => ({
    ...round,
    opensAt: toText(opensAt, site.timeZone),
    closesAt: toText(closesAt, site.timeZone),
    state: state !== 'open' ? state : now < opensAt ? 'upcoming' : now < closesAt ? 'open' : 'closed',
    mine: mine.filter(({ roundId }) => roundId === round.id).map((entry) => ownEntry(entry, site.timeZone)),
  }));
}

function ownEntry({ roundId: _roundId, plate, enteredAt, waitlistId, ...entry }: RoundEntry, zone: string) {
  return {
    ...entry,
    plateMasked: plate === null ? '' : maskPlate(plate),
    enteredAt: toText(enteredAt, zone),
    waitlistId: waitlistId === null ? null : String(waitlistId),
  };
}
