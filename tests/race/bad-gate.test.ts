import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { bookCars, plateOf } from '../support/booked-cars.ts';
import { gateSecret, gateMessage } from '../support/gate-messages.ts';
import { signedHeaders } from '../../api/gates/signature.ts';
import { openDb } from '../../db/open.ts';
import { misbehave, type Misbehaved, type Sight } from '../../scripts/gate/misbehave.ts';
import { createDatabaseOn } from '../support/postgres.ts';
import {
  processOver,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  withinTries,
  type Process,
  type Wrap,
} from '../support/racing.ts';
import { randomFrom } from '../support/seeded-random.ts';
import { withoutHoldingLots } from '../support/unguarded.ts';
import { waitUntil } from '../support/wait-until.ts';

const lotId = 'guangqi';
const cars = 200;
const sightsPerRun = 10;
const seed = 20261123;

/** Five runs of nights: Monday to Thursday one each, Friday to Monday morning in one. */
const dates = ['23', '24', '25', '26', '27', '28', '29'].map((day) => `2026-11-${day}`);
const at = (text: string) => parseInstant(`2026-11-${text}:00+08:00`);
const runs = [
  [at('23T18:30'), at('24T08:00')],
  [at('24T18:30'), at('25T08:00')],
  [at('25T18:30'), at('26T08:00')],
  [at('26T18:30'), at('27T08:00')],
  [at('27T18:30'), at('30T08:00')],
] as const;
/** When the gate tells: within the days that a late sight is taken. */
const clock = { now: () => at('30T12:00') };

let booked: string;
beforeAll(async () => {
  const url = await seededDatabase();
  const [process] = await startProcesses(1, url);
  await bookCars(process!, cars, dates);
  await process!.close();
  booked = new URL(url).pathname.slice(1);
});

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

/** A database of one's own in which everybody has booked, and processes of the service at the hour of telling. */
async function processesAtTheGate(count: number, wrap: Wrap = (db) => db): Promise<Process[]> {
  const url = await createDatabaseOn(inject('postgresUrl'), { template: booked });
  return Promise.all(Array.from({ length: count }, async () => processOver(wrap(await openDb({ url })), { clock })));
}

/** What really happened: every car comes and goes five times in each of its runs; some come early or leave late, some stay. */
function whatHappened(): Sight[] {
  const random = randomFrom(seed);
  const sights = Array.from({ length: cars }, (_, car) =>
    runs.flatMap(([from, until], run) => {
      const isLast = run === runs.length - 1;
      const instants = Array.from({ length: sightsPerRun }, () => from + Math.floor(random.next() * (until - from)));
      instants.sort((a, b) => a - b);
      // Who stays in: an entry twice in a row stands for an exit that no gate saw.
      const staysIn = isLast && random.next() < 0.3;
      if (random.next() < 0.1) instants[0] = from - 20 * 60_000;
      if (!staysIn && random.next() < 0.1) instants[sightsPerRun - 1] = until + 2 * 3_600_000;
      return instants.map((instant, turn) => ({
        plate: plateOf(car),
        at: instant,
        kind: turn % 2 === 0 || (staysIn && turn === sightsPerRun - 1) ? ('entry' as const) : ('exit' as const),
      }));
    }),
  ).flat();
  return sights
    .toSorted((a, b) => a.at - b.at)
    .map((sight, number) => ({
      ...sight,
      serial: `CAM-${number % 2}`,
      event: String(number),
      at: new Date(sight.at).toISOString(),
    }));
}

/** Tells as a gate does: again while the service is busy. */
async function tell({ call }: Process, events: readonly Sight[]): Promise<void> {
  const body = { lotId, events };
  const headers = signedHeaders(gateSecret, JSON.stringify(body), clock.now());
  const answer = await waitUntil('the message is taken', async () => {
    const sent = await call('/gates/events', { body, headers });
    return sent.status === 503 ? null : sent;
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

type PresenceRow = {
  plate: string;
  enteredAt: number | null;
  lastInAt: number | null;
  leftAt: number | null;
  isInside: boolean;
};

async function presences({ db }: Process): Promise<PresenceRow[]> {
  return db.query<PresenceRow>(
    `SELECT v.plate, p.entered_at AS "enteredAt", p.last_in_at AS "lastInAt", p.left_at AS "leftAt", p.is_inside AS "isInside"
     FROM stay_presence p JOIN booking b USING (site_id) JOIN vehicle v USING (site_id)
     WHERE b.id = p.booking_id AND v.id = (b.details->>'vehicleId')::uuid ORDER BY v.plate`,
  );
}

/** Who must be in, by walking through what arrived in the order in which it happened: knows nothing of how the service does it. */
function walked(sights: readonly Sight[]): PresenceRow[] {
  const known = new Map<string, PresenceRow>();
  const kindOrder = { entry: 0, exit: 1 };
  const inOrder = sights.toSorted(
    (a, b) => Date.parse(a.at) - Date.parse(b.at) || kindOrder[a.kind] - kindOrder[b.kind],
  );
  for (const { plate, at: text, kind } of inOrder) {
    const instant = Date.parse(text);
    const row = known.get(plate) ?? { plate, enteredAt: null, lastInAt: null, leftAt: null, isInside: false };
    row.isInside = kind === 'entry';
    if (row.isInside) {
      row.enteredAt ??= instant;
      row.lastInAt = instant;
      row.leftAt = null;
    } else {
      row.leftAt = instant;
    }
    known.set(plate, row);
  }
  return [...known.values()].toSorted((a, b) => (a.plate < b.plate ? -1 : 1));
}

const nameOf = ({ serial, event }: Sight) => `${serial}/${event}`;

/** What arrived and was read rightly, once each, in the order in which it happened. */
function arrived(clean: readonly Sight[], { lost, misread }: Misbehaved): Sight[] {
  const gone = new Set([...lost, ...misread.values()].map(nameOf));
  return clean.filter((sight) => !gone.has(nameOf(sight)));
}

describe('ten thousand sights of a bad gate', () => {
  const clean = whatHappened();
  const told = misbehave(clean, randomFrom(seed), { perMessage: 400 });

  test('are late, twice, out of order, lost and misread', () => {
    expect(clean).toHaveLength(10_000);
    const sent = told.messages.flat();
    expect(told.lost.length).toBeGreaterThan(200);
    expect(told.misread.size).toBeGreaterThan(200);
    expect(sent.length - new Set(sent.map(nameOf)).size).toBeGreaterThan(1_000);
    const places = new Map(clean.map((sight, place) => [nameOf(sight), place]));
    const late = sent.filter(
      (sight, index) => index > 0 && places.get(nameOf(sight))! < places.get(nameOf(sent[index - 1]!))!,
    );
    expect(late.length).toBeGreaterThan(1_000);
  });

  test('come to the same as the clean stream for all that arrived, and what is misread is listed', async () => {
    running = await processesAtTheGate(2);
    // Two processes at once, each message now and then to both of them.
    const random = randomFrom(seed + 1);
    const waiting = [...told.messages];
    const lines = running.map(async (process) => {
      for (let events = waiting.shift(); events; events = waiting.shift()) {
        if (random.next() < 0.2) await Promise.all(running.map((each) => tell(each, events)));
        await tell(process, events);
      }
    });
    await Promise.all(lines);
    const good = arrived(clean, told);
    const found = await presences(running[0]!);
    expect(found).toEqual(walked(good));
    expect(found.filter(({ isInside }) => isInside).length).toBeGreaterThan(20);

    const [calm] = await processesAtTheGate(1);
    running.push(calm!);
    for (let start = 0; start < good.length; start += 500) await tell(calm!, good.slice(start, start + 500));
    expect(found).toEqual(await presences(calm!));

    await expectUnmatched(running[0]!, told);
  });
});

/** Everything that was misread waits for somebody, once, with the booking that it is of among those that it may be of. */
async function expectUnmatched(process: Process, { messages, misread }: Misbehaved): Promise<void> {
  const [token] = await signIn(process, ['13800000007']);
  type Item = { id: string; kind: string; at: string; candidates: { bookingId: string; plateMasked: string }[] };
  const listed: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = await process.call<{ items: Item[]; nextCursor: string | null }>(
      `/parking/lots/${lotId}/unmatched?limit=200${query}`,
      { token },
    );
    listed.push(...page.body.items);
    cursor = page.body.nextCursor;
  }
  const expected = new Map(
    [...new Set(messages.flat())].filter((sight) => misread.has(sight)).map((sight) => [nameOf(sight), sight]),
  );
  const key = (kind: string, text: string) => `${kind} ${Date.parse(text)}`;
  expect(listed.map(({ kind, at: text }) => key(kind, text)).toSorted()).toEqual(
    [...expected.values()].map(({ kind, at: text }) => key(kind, text)).toSorted(),
  );
  const masked = new Map(
    [...misread].map(([read, sight]) => [key(read.kind, read.at), `沪B·***${sight.plate.slice(-2)}`]),
  );
  for (const { kind, at: text, candidates } of listed) {
    expect(candidates.map(({ plateMasked }) => plateMasked)).toContain(masked.get(key(kind, text)));
  }
}

/** The coming and going of thirty cars, each told at the same time by both gates of the lot. */
async function tellOfBoth(): Promise<{ leftBehind: number }> {
  const pairs = Array.from({ length: 30 }, (_, car) =>
    (['entry', 'exit'] as const).map((kind, turn) => ({
      serial: `CAM-${turn}`,
      event: String(car),
      kind,
      plate: plateOf(car),
      at: `2026-11-23T2${turn}:00:00+08:00`,
    })),
  );
  for (const pair of pairs) await Promise.all(pair.map((sight, gate) => tell(running[gate]!, [sight])));
  const rows = await presences(running[0]!);
  expect(rows).toHaveLength(30);
  return { leftBehind: rows.filter(({ isInside }) => isInside).length };
}

test('what two gates tell of one car at the same time is known in full', async () => {
  running = await processesAtTheGate(2);
  expect(await tellOfBoth()).toEqual({ leftBehind: 0 });
});

test('control: without waiting for one another, some cars would be left behind', withinTries, async () => {
  running = await processesAtTheGate(2, withoutHoldingLots);
  expect((await tellOfBoth()).leftBehind).toBeGreaterThan(0);
});

test('forged and stale messages among the signed ones are refused, and nothing of them is kept', async () => {
  running = await processesAtTheGate(2);
  const [process] = running;
  const events = whatHappened().slice(0, 50);
  const body = { lotId, events };
  const signed = gateMessage(lotId, events, clock.now()).headers;
  const stale = gateMessage(lotId, events, clock.now() - 301_000).headers;
  const forged = gateMessage(lotId, events, clock.now(), 'somebody-else-who-knows-no-secret-012345').headers;
  const answers = await race(running, [stale, forged, stale, forged, {}], ({ call }, headers) =>
    call('/gates/events', { body, headers }),
  );
  expect(answers.map(({ status, body: { type } }) => [status, type])).toEqual(
    answers.map(() => [401, '/problems/bad-signature']),
  );
  const rows = () =>
    process!.db.query(
      'SELECT (SELECT count(*) FROM gate_event)::int AS events, (SELECT count(*) FROM stay_presence)::int AS cars',
    );
  expect(await rows()).toEqual([{ events: 0, cars: 0 }]);
  expect((await process!.call('/gates/events', { body, headers: signed })).status).toBe(200);
  expect(await rows()).not.toEqual([{ events: 0, cars: 0 }]);
});
