import { transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { amendDetails } from '../engine/amend-details.ts';
import { once, type Once } from '../engine/once.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Idempotency } from '../engine/types.ts';
import { newId } from '../new-id.ts';
import { maskPlate, parsePlate, plateFault, type Plate, type PlateFault } from './plate.ts';
import { keepAccess, lockRosters, settleVehicles, type Here } from './verification.ts';

export type VehicleRule = 'too-many-vehicles' | 'plate-taken' | 'plate-listed' | 'vehicle-in-use';
export type VehicleRefusal =
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'rule'; rule: VehicleRule }
  | { ok: false; problem: 'rule'; rule: 'plate-invalid'; fault: PlateFault };

/** A booking that a vehicle holds, as far as its owner has to recognise it. */
export type HeldBooking = { id: string; title: { zh: string; en: string }; startsAt: Instant; endsAt: Instant };

/** `bookings`: those that go on with the vehicle. */
export type PlateChange = {
  ok: true;
  plate: string;
  isVerified: boolean;
  accessPlate: string | null;
  bookings: HeldBooking[];
};

const refuse = (rule: VehicleRule): VehicleRefusal => ({ ok: false, problem: 'rule', rule });

/** Puts a vehicle on a person's list; it is verified at once when a roster has it. */
export async function addVehicle(
  db: Db,
  here: Here,
  owner: { personId: string; maxVehicles: number },
  written: string,
  idempotency: Idempotency | null,
): Promise<Once<{ ok: true; id: string } | VehicleRefusal> | VehicleRefusal> {
  const plate = readPlate(written);
  if ('problem' in plate) return plate;
  const call = { siteId: here.siteId, at: here.now, idempotency };
  return once<{ ok: true; id: string } | VehicleRefusal>(
    db,
    call,
    async (tx) => {
      await lockRosters(tx, here.siteId);
      const own = await ownPlates(tx, here.siteId, owner.personId);
      if (own.some((known) => known.plate === plate.plate)) return refuse('plate-listed');
      if (own.length >= owner.maxVehicles) return refuse('too-many-vehicles');
      if (await isTaken(tx, here.siteId, plate.plate)) return refuse('plate-taken');
      const id = newId();
      await tx.query('INSERT INTO vehicle (site_id, id, person_id, plate, plate_class) VALUES ($1, $2, $3, $4, $5)', [
        here.siteId,
        id,
        owner.personId,
        plate.plate,
        plate.plateClass,
      ]);
      await settleVehicles(tx, here, { touched: [plate.plate], lost: [] });
      return { ok: true, id };
    },
    ({ ok }) => ok,
  );
}

/**
 * Gives a vehicle another plate. The vehicle stays the claimant, so its bookings go on; until a roster proves the new plate, the one before
 * stays good for them. `isDryRun`: says what would be, and does nothing.
 */
export async function changePlate(
  db: Db,
  here: Here,
  vehicle: { personId: string; id: string },
  written: string,
  isDryRun: boolean,
): Promise<PlateChange | VehicleRefusal> {
  const plate = readPlate(written);
  if ('problem' in plate) return plate;
  try {
    return await transactionWithRetry(db, async (tx) => {
      const change = await changeWithin(tx, here, vehicle, plate);
      if (isDryRun) throw new OnlyLooked(change);
      return change;
    });
  } catch (error) {
    if (error instanceof OnlyLooked) return error.change;
    throw error;
  }
}

/** Undoes a change that was only to be seen. */
class OnlyLooked extends Error {
  override name = 'OnlyLooked';
  readonly change: PlateChange | VehicleRefusal;

  constructor(change: PlateChange | VehicleRefusal) {
    super('a dry run is undone');
    this.change = change;
  }
}

async function changeWithin(
  tx: Db,
  here: Here,
  { personId, id }: { personId: string; id: string },
  { plate, plateClass }: Plate,
): Promise<PlateChange | VehicleRefusal> {
  const { siteId } = here;
  await lockRosters(tx, siteId);
  const own = await ownPlates(tx, siteId, personId);
  const before = own.find((known) => known.id === id);
  if (!before) return { ok: false, problem: 'not-found' };
  if (before.plate !== plate) {
    if (own.some((known) => known.plate === plate)) return refuse('plate-listed');
    if (await isTaken(tx, siteId, plate)) return refuse('plate-taken');
    await keepAccess(tx, siteId, [before.plate]);
    await tx.query(
      'UPDATE vehicle SET plate = $3, plate_class = $4, verified_at = NULL WHERE site_id = $1 AND id = $2',
      [siteId, id, plate, plateClass],
    );
    await tx.query(
      `INSERT INTO event (site_id, at, type, actor_id, facts)
       VALUES ($1, $2, 'vehicle.plate-changed', $3, jsonb_build_object('vehicleId', $4::text))`,
      [siteId, toTimestamp(here.now), personId, id],
    );
    await settleVehicles(tx, here, { touched: [plate], lost: [] });
  }
  const after = (await ownPlates(tx, siteId, personId)).find((known) => known.id === id);
  if (!after) throw new Error('a vehicle is gone while its plate changed');
  if (!after.isVerified) {
    await amendDetails(tx, siteId, [{ claimantId: id, personId, details: { plateWaiting: maskPlate(plate) } }]);
  }
  const accessPlate = (await platesAt(tx, siteId, [id], here.now)).get(id) ?? null;
  return { ok: true, plate, isVerified: after.isVerified, accessPlate, bookings: await heldBookings(tx, here, id) };
}

/** Takes a vehicle off its owner's list. What it held stays on record. */
export async function removeVehicle(
  db: Db,
  here: Here,
  { personId, id }: { personId: string; id: string },
): Promise<{ ok: true } | VehicleRefusal> {
  return transactionWithRetry(db, async (tx) => {
    await lockRosters(tx, here.siteId);
    const own = await ownPlates(tx, here.siteId, personId);
    const vehicle = own.find((known) => known.id === id);
    if (!vehicle) return { ok: false, problem: 'not-found' };
    if ((await heldBookings(tx, here, id)).length > 0 || (await isWaiting(tx, here, personId, id)))
      return refuse('vehicle-in-use');
    await keepAccess(tx, here.siteId, [vehicle.plate]);
    await tx.query('UPDATE vehicle SET removed_at = $3, verified_at = NULL WHERE site_id = $1 AND id = $2', [
      here.siteId,
      id,
      toTimestamp(here.now),
    ]);
    await tx.query(
      'UPDATE vehicle_plate SET valid_to = $3 WHERE site_id = $1 AND vehicle_id = $2 AND valid_to IS NULL',
      [here.siteId, id, toTimestamp(here.now)],
    );
    // Somebody else may have waited for the plate to be free.
    await settleVehicles(tx, here, { touched: [vehicle.plate], lost: [] });
    return { ok: true };
  });
}

/**
 * Which plate opens gates for each vehicle at an instant: the verified one, or the last verified one while a new plate waits. A vehicle
 * that had none is not in the answer. Index: the primary key of vehicle_plate.
 */
export async function platesAt(
  db: Db,
  siteId: number,
  vehicleIds: readonly string[],
  instant: Instant,
): Promise<Map<string, string>> {
  if (vehicleIds.length === 0) return new Map();
  const rows = await db.query<{ id: string; plate: string | null }>(
    `SELECT v.id, CASE WHEN EXISTS (SELECT 1 FROM vehicle_plate k WHERE k.site_id = v.site_id AND k.vehicle_id = v.id) THEN s.plate
       WHEN v.verified_at IS NOT NULL THEN v.plate END AS plate
     FROM vehicle v LEFT JOIN vehicle_plate s ON s.site_id = v.site_id AND s.vehicle_id = v.id
       AND s.valid_from <= $3 AND (s.valid_to IS NULL OR s.valid_to > $3)
     WHERE v.site_id = $1 AND v.id = ANY($2::uuid[])`,
    [siteId, vehicleIds, toTimestamp(instant)],
  );
  return new Map(rows.flatMap(({ id, plate }) => (plate === null ? [] : [[id, plate]])));
}

/** The bookings that a vehicle holds now or later, the next one first. Index: claim_no_overlap. */
export function heldBookings(db: Db, { siteId, now }: Here, vehicleId: string): Promise<HeldBooking[]> {
  return db.query<HeldBooking>(
    `SELECT b.id, b.details->'title' AS title, b.starts_at AS "startsAt", b.ends_at AS "endsAt" FROM booking b
     WHERE b.site_id = $1 AND b.state IN ('held', 'confirmed', 'checked_in') AND b.ends_at > $3
       AND b.id IN (SELECT booking_id FROM claim WHERE site_id = $1 AND claimant_id = $2)
     ORDER BY b.starts_at, b.id LIMIT 100`,
    [siteId, vehicleId, toTimestamp(now)],
  );
}

function readPlate(written: string): Plate | VehicleRefusal {
  const fault = plateFault(written);
  const plate = parsePlate(written);
  return plate ?? { ok: false, problem: 'rule', rule: 'plate-invalid', fault: fault ?? 'length' };
}

type OwnPlate = { id: string; plate: string; isVerified: boolean };

function ownPlates(tx: Db, siteId: number, personId: string): Promise<OwnPlate[]> {
  return tx.query<OwnPlate>(
    `SELECT id, plate, verified_at IS NOT NULL AS "isVerified" FROM vehicle
     WHERE site_id = $1 AND person_id = $2 AND removed_at IS NULL`,
    [siteId, personId],
  );
}

async function isTaken(tx: Db, siteId: number, plate: string): Promise<boolean> {
  const [taken] = await tx.query(
    'SELECT 1 FROM vehicle WHERE site_id = $1 AND plate = $2 AND verified_at IS NOT NULL',
    [siteId, plate],
  );
  return taken !== undefined;
}

/** Whether the vehicle waits in a queue, or is offered something. */
async function isWaiting(tx: Db, { siteId }: Here, personId: string, vehicleId: string): Promise<boolean> {
  const [waiting] = await tx.query(
    `SELECT 1 FROM waitlist_entry WHERE site_id = $1 AND person_id = $2 AND state IN ('waiting', 'offered')
       AND strpos(wish::text, $3) > 0 LIMIT 1`,
    [siteId, personId, vehicleId],
  );
  return waiting !== undefined;
}
