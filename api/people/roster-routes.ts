import { Hono } from 'hono';
import { z } from 'zod';
import { toText } from '../calendar/time.ts';
import { badCursor, cutPage, readCursor } from '../http/cursor.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse, type AnyContext } from '../http/problem.ts';
import { pageOf, pageQuery } from '../http/schemas.ts';
import { signedIn } from '../http/signed-in.ts';
import { noBody, validate } from '../http/validate.ts';
import { csvResponse, fileNameOf, rosterFileTypes } from './csv-response.ts';
import { maskedPeople } from './masked.ts';
import { presentImport, presentRows, presentVehicle, reportCsv, rosterCsv } from './present-roster.ts';
import { peopleRefusal } from './refusal-response.ts';
import { importById, importRoster, importsOf, planRosterImport, undoImport, type Import } from './roster-imports.ts';
import {
  importQuery,
  importReport,
  importSummary,
  removedAnswer,
  rosterAnswer,
  rosterEntryRequest,
  rosterParam,
  rosterQuery,
  rosterVehicleAnswer,
  rosterVehicleParam,
  undoneAnswer,
} from './roster-schemas.ts';
import {
  addToRoster,
  currentRoster,
  isOwnRoster,
  removeFromRoster,
  rosterOf,
  rostersOf,
  rosterVehicles,
  tellRosterEvent,
} from './rosters.ts';
import { placeOf } from './vehicle-routes.ts';

/** The rosters of the compounds' vehicles, kept by their committees. */
export const rosterRoutes = new Hono<AppEnv>()
  .get(
    '/rosters',
    describe({
      summary: 'The rosters that I keep',
      tag: 'rosters',
      access: 'signed-in',
      answers: { 200: z.object({ items: z.array(rosterAnswer) }) },
    }),
    signedIn,
    async (c) => {
      const { db, here } = await placeOf(c);
      const caller = c.get('caller');
      const rosters = await rostersOf(db, here.siteId, caller);
      return c.json({
        items: rosters.map((roster) => ({ ...roster, masked: !isOwnRoster(caller, roster.organisationId) })),
      });
    },
  )
  .get(
    '/rosters/:organisationId/vehicles',
    describe({
      summary: 'Vehicles of a roster, newest first',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: pageOf(rosterVehicleAnswer) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterParam),
    validate('query', rosterQuery),
    async (c) => {
      const { db, here, organisationId, view } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const { tail = '', limit, cursor } = c.req.valid('query');
      const position = idCursor(cursor);
      if (position === null) return badCursor(c);
      const search = { siteId: here.siteId, organisationId, tail: tail.toUpperCase(), ...position, limit: limit + 1 };
      const { page, nextCursor } = cutPage(await rosterVehicles(db, search), limit, ({ id }) => [id]);
      return c.json({ items: page.map((vehicle) => presentVehicle(vehicle, view)), nextCursor });
    },
  )
  .post(
    '/rosters/:organisationId/vehicles',
    describe({
      summary: 'Put a vehicle on a roster',
      tag: 'rosters',
      access: 'staff',
      answers: { 201: z.object({ id: z.string() }) },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', rosterParam),
    validate('json', rosterEntryRequest),
    async (c) => {
      const { db, here, organisationId, actorId } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const by = { organisationId, actorId };
      const added = await addToRoster(db, here, by, c.req.valid('json'), c.get('idempotency'));
      if (!added.ok) return peopleRefusal(c, added);
      if (!added.result.ok) return peopleRefusal(c, added.result);
      if (added.replayed) c.header('Idempotent-Replay', 'true');
      return c.json({ id: added.result.id }, 201);
    },
  )
  .delete(
    '/rosters/:organisationId/vehicles/:id',
    describe({
      summary: 'Take a vehicle off a roster; bookings that there are stay',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: removedAnswer },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterVehicleParam),
    async (c) => {
      const { db, here, organisationId, actorId } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const removed = await removeFromRoster(db, here, { organisationId, actorId }, c.req.valid('param').id);
      return removed.ok ? c.json({ unverified: removed.unverified }) : peopleRefusal(c, removed);
    },
  )
  .get(
    '/rosters/:organisationId/vehicles.csv',
    describe({
      summary: 'A whole roster as CSV, unmasked; who took it is written down',
      tag: 'rosters',
      access: 'staff',
      answers: {},
      csv: 'Plate, phone, note and dates',
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterParam),
    async (c) => {
      const { db, here, organisationId, actorId } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      await tellRosterEvent(db, here, 'roster.exported', { organisationId, actorId });
      const vehicles = await currentRoster(db, here.siteId, organisationId);
      return csvResponse(rosterCsv(vehicles.values(), languageOf(c)), `roster-${organisationId}.csv`);
    },
  )
  .post(
    '/rosters/:organisationId/imports',
    describe({
      summary: 'Import vehicles from a CSV or XLSX file, or see row by row what that would do',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: importReport, 201: importReport },
      files: rosterFileTypes,
      problems: ['validation', 'not-found', 'rule', 'too-large', 'unsupported-media-type', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', rosterParam),
    validate('query', importQuery),
    async (c) => {
      const { db, here, organisationId, actorId, view } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const { mode, dryRun } = c.req.valid('query');
      const fileName = fileNameOf(c.req.header('X-File-Name'));
      if (fileName === null) {
        const message = 'X-File-Name: 1–120 characters, percent-encoded, no identity number';
        return problemResponse(c, 'validation', { errors: [{ pointer: '', message }] });
      }
      const file = { bytes: new Uint8Array(await c.req.arrayBuffer()), fileName, mode };
      const by = { organisationId, actorId };
      if (dryRun === 'true') {
        const planned = await planRosterImport(db, here, by, file);
        if (!planned.ok) return peopleRefusal(c, planned);
        const { counts, report } = planned.plan;
        const summary = { id: null, fileName, mode, at: toText(here.now, view.zone), by: '', counts };
        const none = { verified: null, unverified: null, undoneAt: null };
        return c.json({ ...summary, ...none, rows: presentRows(report, view.isMasked) }, 200);
      }
      const imported = await importRoster(db, here, by, file, c.get('idempotency'));
      if (!imported.ok) return peopleRefusal(c, imported);
      if (!imported.result.ok) return peopleRefusal(c, imported.result);
      const made = await importById(db, here.siteId, organisationId, imported.result.importId);
      if (!made) return problemResponse(c, 'not-found');
      if (imported.replayed) c.header('Idempotent-Replay', 'true');
      const [summary] = await presented(c, [made]);
      return c.json({ ...summary!, rows: presentRows(made.report, view.isMasked) }, 201);
    },
  )
  .get(
    '/rosters/:organisationId/imports',
    describe({
      summary: 'What was imported, newest first',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: pageOf(importSummary) },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterParam),
    validate('query', z.strictObject(pageQuery)),
    async (c) => {
      const { db, here, organisationId } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const { limit, cursor } = c.req.valid('query');
      const position = idCursor(cursor);
      if (position === null) return badCursor(c);
      const search = { siteId: here.siteId, organisationId, ...position, limit: limit + 1 };
      const { page, nextCursor } = cutPage(await importsOf(db, search), limit, (made) => [made.id]);
      return c.json({ items: await presented(c, page), nextCursor });
    },
  )
  .get(
    '/rosters/:organisationId/imports/:id',
    describe({
      summary: 'One import with its report',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: importReport },
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterVehicleParam),
    async (c) => {
      const { db, here, organisationId, view } = await rosterPlace(c, c.req.valid('param').organisationId);
      const made = organisationId && (await importById(db, here.siteId, organisationId, c.req.valid('param').id));
      if (!made) return problemResponse(c, 'not-found');
      const [summary] = await presented(c, [made]);
      return c.json({ ...summary!, rows: presentRows(made.report, view.isMasked) });
    },
  )
  .get(
    '/rosters/:organisationId/imports/:id/report.csv',
    describe({
      summary: 'The report of an import as CSV, unmasked; who took it is written down',
      tag: 'rosters',
      access: 'staff',
      answers: {},
      csv: 'Row, plate, phone, note, outcome, rule, column, why',
      problems: ['validation', 'not-found'],
    }),
    signedIn,
    validate('param', rosterVehicleParam),
    async (c) => {
      const { db, here, organisationId, actorId } = await rosterPlace(c, c.req.valid('param').organisationId);
      const made = organisationId && (await importById(db, here.siteId, organisationId, c.req.valid('param').id));
      if (!organisationId || !made) return problemResponse(c, 'not-found');
      await tellRosterEvent(db, here, 'roster.report-exported', { organisationId, actorId, importId: made.id });
      return csvResponse(reportCsv(made.report, languageOf(c)), `import-${made.id}.csv`);
    },
  )
  .post(
    '/rosters/:organisationId/imports/:id/undo',
    describe({
      summary: 'Take an import back while nobody changed its rows since',
      tag: 'rosters',
      access: 'staff',
      answers: { 200: undoneAnswer },
      problems: ['validation', 'not-found', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('param', rosterVehicleParam),
    noBody,
    async (c) => {
      const { db, here, organisationId, actorId } = await rosterPlace(c, c.req.valid('param').organisationId);
      if (organisationId === null) return problemResponse(c, 'not-found');
      const by = { organisationId, actorId };
      const undone = await undoImport(db, here, by, c.req.valid('param').id, c.get('idempotency'));
      if (!undone.ok) return peopleRefusal(c, undone);
      if (!undone.result.ok) return peopleRefusal(c, undone.result);
      if (undone.replayed) c.header('Idempotent-Replay', 'true');
      return c.json({ verified: undone.result.verified, unverified: undone.result.unverified });
    },
  );

/** Where a list by falling uuids goes on: `before` is null at its beginning. Null for a cursor that is none of such a list's. */
function idCursor(text: string | undefined): { before: string | null } | null {
  if (text === undefined) return { before: null };
  const parsed = z.uuid().safeParse(readCursor(text, ['string'])?.[0]);
  return parsed.success ? { before: parsed.data } : null;
}

/** The roster that a request is about and how its caller sees it; `organisationId` is null where the caller keeps no such roster. */
async function rosterPlace(c: AnyContext, organisationId: string) {
  const place = await placeOf(c);
  const caller = c.get('caller') as NonNullable<AppEnv['Variables']['caller']>;
  const roster = await rosterOf(place.db, place.here.siteId, caller, organisationId);
  const view = { zone: place.zone, isMasked: !isOwnRoster(caller, organisationId) };
  return { ...place, organisationId: roster?.organisationId ?? null, actorId: caller.personId, view };
}

async function presented(c: AnyContext, imports: readonly Import[]) {
  const { db, here, zone } = await placeOf(c);
  const people = await maskedPeople(
    db,
    here.siteId,
    imports.map(({ actorId }) => actorId),
  );
  return imports.map((made) => presentImport(made, people.get(made.actorId)?.name ?? '', zone));
}

const languageOf = (c: AnyContext): 'zh' | 'en' => (c.get('language') === 'en' ? 'en' : 'zh');
