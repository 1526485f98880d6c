import { Hono } from 'hono';
import { z } from 'zod';
import { dateOf, toText } from '../calendar/time.ts';
import { describe } from '../http/describe.ts';
import type { AppEnv } from '../http/environment.ts';
import { problemResponse, type AnyContext } from '../http/problem.ts';
import { id, instantText, localized } from '../http/schemas.ts';
import { signedIn } from '../http/signed-in.ts';
import { validate } from '../http/validate.ts';
import { vehiclesOf } from './profile.ts';
import { peopleRefusal } from './refusal-response.ts';
import { vehicle } from './schemas.ts';
import { addVehicle, changePlate, removeVehicle } from './vehicles.ts';

const plateRequest = z.strictObject({
  plate: z.string().max(40).meta({ description: 'as people write it: dots, spaces and lower case do not matter' }),
});
const param = z.object({ id: z.uuid() });
const plateChangeQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') });

const plateChangeAnswer = z
  .object({
    plate: z.string(),
    verified: z.boolean(),
    accessPlate: z.string().nullable().meta({ description: 'what opens gates for the bookings that there are' }),
    bookings: z
      .array(z.object({ id, title: localized, startsAt: instantText, endsAt: instantText }))
      .meta({ description: 'those that go on with the vehicle; the next hundred at most' }),
  })
  .meta({ id: 'PlateChange' });

/** A person's own vehicles; `GET /me` lists them. */
export const vehicleRoutes = new Hono<AppEnv>()
  .post(
    '/me/vehicles',
    describe({
      summary: 'Put a vehicle on my list',
      tag: 'people',
      access: 'signed-in',
      answers: { 201: vehicle },
      problems: ['validation', 'rule', 'key-reused', 'in-flight'],
    }),
    signedIn,
    validate('json', plateRequest),
    async (c) => {
      const { here, db } = await placeOf(c);
      const owner = { personId: c.get('caller').personId, maxVehicles: c.get('deps').config.vehiclesPerPerson };
      const added = await addVehicle(db, here, owner, c.req.valid('json').plate, c.get('idempotency'));
      if (!added.ok) return peopleRefusal(c, added);
      if (!added.result.ok) return peopleRefusal(c, added.result);
      if (added.replayed) c.header('Idempotent-Replay', 'true');
      const made = (await vehiclesOf(db, here.siteId, owner.personId)).find(
        ({ id: known }) => 'result' in added && added.result.ok && known === added.result.id,
      );
      return made ? c.json(made, 201) : problemResponse(c, 'not-found');
    },
  )
  .patch(
    '/me/vehicles/:id',
    describe({
      summary: 'Give a vehicle another plate; its bookings go on',
      tag: 'people',
      access: 'signed-in',
      answers: { 200: plateChangeAnswer },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('param', param),
    validate('query', plateChangeQuery),
    validate('json', plateRequest),
    async (c) => {
      const { here, db, zone } = await placeOf(c);
      const own = { personId: c.get('caller').personId, id: c.req.valid('param').id };
      const isDryRun = c.req.valid('query').dryRun === 'true';
      const change = await changePlate(db, here, own, c.req.valid('json').plate, isDryRun);
      if (!change.ok) return peopleRefusal(c, change);
      const { plate, isVerified, accessPlate } = change;
      const bookings = change.bookings.map((booking) => ({
        ...booking,
        startsAt: toText(booking.startsAt, zone),
        endsAt: toText(booking.endsAt, zone),
      }));
      return c.json({ plate, verified: isVerified, accessPlate, bookings });
    },
  )
  .delete(
    '/me/vehicles/:id',
    describe({
      summary: 'Take a vehicle off my list',
      tag: 'people',
      access: 'signed-in',
      answers: { 204: null },
      problems: ['validation', 'not-found', 'rule'],
    }),
    signedIn,
    validate('param', param),
    async (c) => {
      const { here, db } = await placeOf(c);
      const own = { personId: c.get('caller').personId, id: c.req.valid('param').id };
      const removed = await removeVehicle(db, here, own);
      return removed.ok ? c.body(null, 204) : peopleRefusal(c, removed);
    },
  );

/** Where and when the request is: what the verbs about people need of the context. */
export async function placeOf(c: AnyContext) {
  const { db, site, now } = await (c.get('deps') as AppEnv['Variables']['deps']).contextNow();
  return { db, zone: site.timeZone, here: { siteId: site.id, now, today: dateOf(now, site.timeZone) } };
}
