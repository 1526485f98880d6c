import { newId } from '../../../new-id.ts';
import type { Db } from '../../../../db/db.ts';
import { once } from '../../../engine/once.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, notFound, refuse } from '../../drafting.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { isBeneficiary, ownVehicle } from '../draft-stay.ts';
import { refuseSuspended } from '../overstays/refuse-suspended.ts';
import { agreementOf } from '../rules.ts';
import { tellOfRound, type Round } from './round-rows.ts';

export type Entered =
  { ok: true; roundEntryId: string; replayed: boolean } | WishRefusal | { ok: false; problem: 'key-reused' };
/** Kept with its retry key, where `entryId` would name a place in a queue. */
type Outcome = { ok: true; roundEntryId: string } | WishRefusal;

/** Enters a car of the caller's into a round while it is open; one entry per car. */
export function enterRound(
  context: Context,
  caller: Caller,
  { roundId, vehicleId }: { roundId: string; vehicleId: string },
  idempotency: Idempotency | null,
): Promise<Entered> {
  return answered(context, idempotency, async (tx) => {
    const { site, now } = context;
    const round = await lockOpenRound(tx, context, roundId);
    if (!round.ok) return round;
    const car = await ownVehicle({ ...context, db: tx }, caller, vehicleId);
    const lot = context.catalogue.get(round.resourceId);
    if (!car || !lot) return notFound;
    if (car.verifiedAt === null) return refuse('vehicle-unverified');
    if (!isBeneficiary(caller, agreementOf(lot).facts)) return refuse('not-a-beneficiary');
    const suspended = await refuseSuspended({ ...context, db: tx }, caller.personId, lot);
    if (suspended) return suspended;
    const entryId = newId();
    const made = await tx.query(
      `INSERT INTO parking_round_entry (site_id, id, round_id, person_id, vehicle_id, entered_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT ON CONSTRAINT parking_round_entry_once_per_vehicle DO NOTHING RETURNING id`,
      [site.id, entryId, roundId, caller.personId, car.id, toTimestamp(now)],
    );
    if (made.length === 0) return refuse('already-entered');
    const facts = { roundId, roundEntryId: entryId };
    await tellOfRound(tx, site.id, { type: 'entered', at: now, actorId: caller.personId, facts });
    return { ok: true, roundEntryId: entryId };
  });
}

/** Takes an entry of the caller's back while its round is open. */
export function withdrawEntry(
  context: Context,
  caller: Caller,
  { roundId, entryId }: { roundId: string; entryId: string },
  idempotency: Idempotency | null,
): Promise<Entered> {
  return answered(context, idempotency, async (tx) => {
    const { site, now } = context;
    if (!isUuid(entryId)) return notFound;
    const round = await lockOpenRound(tx, context, roundId);
    if (!round.ok) return round;
    const gone = await tx.query(
      'DELETE FROM parking_round_entry WHERE site_id = $1 AND id = $2 AND round_id = $3 AND person_id = $4 RETURNING id',
      [site.id, entryId, roundId, caller.personId],
    );
    if (gone.length === 0) return notFound;
    const facts = { roundId, roundEntryId: entryId };
    await tellOfRound(tx, site.id, { type: 'withdrawn', at: now, actorId: caller.personId, facts });
    return { ok: true, roundEntryId: entryId };
  });
}

async function answered(
  { db, site, now }: Context,
  idempotency: Idempotency | null,
  work: (tx: Db) => Promise<Outcome>,
): Promise<Entered> {
  const done = await once<Outcome>(db, { siteId: site.id, at: now, idempotency }, work, ({ ok }) => ok);
  if (!done.ok) return done;
  return done.result.ok ? { ...done.result, replayed: done.replayed } : done.result;
}

/** A round in which one may enter and withdraw now; it is not drawn before this has committed. */
async function lockOpenRound(
  tx: Db,
  { site, now }: Context,
  roundId: string,
): Promise<{ ok: true; resourceId: string } | WishRefusal> {
  if (!isUuid(roundId)) return notFound;
  const [round] = await tx.query<Pick<Round, 'resourceId' | 'state' | 'opensAt' | 'closesAt'>>(
    `SELECT resource_id AS "resourceId", state, opens_at AS "opensAt", closes_at AS "closesAt" FROM parking_round
     WHERE site_id = $1 AND id = $2 FOR SHARE`,
    [site.id, roundId],
  );
  if (!round) return notFound;
  if (now < round.opensAt) return refuse('round-not-open');
  if (round.state !== 'open' || now >= round.closesAt) return refuse('round-closed');
  return { ok: true, resourceId: round.resourceId };
}
