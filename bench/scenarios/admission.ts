import { randomUUID } from 'node:crypto';
import { admissionLimits } from '../../api/engine/admit.ts';
import { createEngine } from '../../api/engine/engine.ts';
import { slotsOfResources } from '../../api/engine/find-slots.ts';
import type { AdmissionRequest, BookingDraft, Slot } from '../../api/engine/types.ts';
import type { OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { median, type Figure } from '../figures.ts';
import { benchNow } from '../settings.ts';
import type { Bench, Scenario } from './bench.ts';
import { interactiveTransaction, singleStatement } from './one-by-one.ts';

const clients = 256;
const connections = 32;
const requestsPerRound = 8_000;
const slotsAtOnce = 200;

/** One way to admit a request; throws unless it was admitted. */
type Way = (db: OpenDb, request: AdmissionRequest) => Promise<void>;

/** Admission without HTTP, 256 clients: in batches, by one conditional statement each, and by an interactive transaction each. */
export const admission: Scenario = async (bench) => {
  const db = await openDb({ url: bench.stage.url, connections });
  const engine = createEngine(db, admissionLimits(60_000));
  const ways: Record<string, Way> = {
    'batched admission': async (_db, request) => {
      const answer = await engine.admit(request);
      if (!answer.ok) throw new Error(`refused: ${answer.problem}`);
    },
    'single statement': singleStatement,
    'interactive transaction': interactiveTransaction,
  };
  const spread = (await manySlots(db)).slice(0, slotsAtOnce);
  const figures: Figure[] = [];
  const rates = new Map<string, number>();
  for (const [name, way] of Object.entries(ways)) {
    const hot: number[] = [];
    const wide: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      hot.push(await rate(db, way, requestsOf(bench, [await hotSlot(db, bench)])));
      // There are not enough slots for each round to have its own: whoever has booked one may so book it again.
      await db.query('TRUNCATE claim');
      wide.push(await rate(db, way, requestsOf(bench, spread)));
    }
    rates.set(name, median(hot));
    figures.push({ name: `${name}, one slot`, value: median(hot), unit: '/s' });
    figures.push({ name: `${name}, ${slotsAtOnce} slots`, value: median(wide), unit: '/s' });
  }
  await db.close();
  const ofBatches = (name: string) => (rates.get('batched admission') ?? NaN) / (rates.get(name) ?? NaN);
  return [
    ...figures,
    {
      name: 'batched ÷ single statement, one slot',
      value: ofBatches('single statement'),
      unit: 'ratio',
      bar: { atLeast: 4 },
    },
    { name: 'batched ÷ interactive transaction, one slot', value: ofBatches('interactive transaction'), unit: 'ratio' },
  ];
};

async function hotSlot(db: OpenDb, { nextSlot }: Bench): Promise<Slot> {
  const { runId, serviceDate, leg } = nextSlot();
  const slot = (await slotsOfResources(db, siteRow.id, [runId], [serviceDate]))[leg];
  if (!slot) throw new Error(`${runId} does not run on ${serviceDate}`);
  return slot;
}

/** Slots that no other scenario books: parking nights and later legs, with room for everybody. */
async function manySlots(db: OpenDb): Promise<Slot[]> {
  await db.query(
    `UPDATE slot SET capacity = 1000000, opens_at = '2026-01-01' WHERE site_id = $1 AND kind = 'shuttle'`,
    [siteRow.id],
  );
  const runs = Array.from({ length: 10 }, (_, index) => `run-${index + 1}`);
  const days = await db.query<{ date: string }>(
    `SELECT DISTINCT service_date AS date FROM slot WHERE site_id = $1 AND kind = 'shuttle' AND service_date > '2026-11-30' ORDER BY 1`,
    [siteRow.id],
  );
  return slotsOfResources(
    db,
    siteRow.id,
    runs,
    days.map(({ date }) => date),
  );
}

function requestsOf({ riders }: Bench, slots: readonly Slot[]): AdmissionRequest[] {
  return riders.slice(0, requestsPerRound).map(({ personId }, index) => {
    const slot = slots[index % slots.length];
    if (!slot) throw new Error('there are not enough slots');
    const { startsAt, endsAt, serviceDate, cancelUntil } = slot;
    const draft: BookingDraft = {
      kind: 'shuttle',
      lines: [{ slotId: slot.id, units: 1 }],
      claims: [{ claimantId: personId, scope: 'ride', during: { startsAt, endsAt } }],
      priceFen: 0,
      startsAt,
      endsAt,
      serviceDate,
      cancelUntil,
      isProvisional: false,
      details: { title: { zh: '班车', en: 'Shuttle' }, runId: slot.resourceId, seats: 1 },
    };
    const idempotency = { key: randomUUID(), request: randomUUID() };
    return { siteId: siteRow.id, personId, actorId: personId, at: benchNow, drafts: [draft], idempotency };
  });
}

/** Closed loop: each client sends its next request when the last one is admitted. */
async function rate(db: OpenDb, way: Way, requests: readonly AdmissionRequest[]): Promise<number> {
  const start = performance.now();
  let next = 0;
  const client = async () => {
    for (let request; (request = requests[next++]);) await way(db, request);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return requests.length / ((performance.now() - start) / 1000);
}
