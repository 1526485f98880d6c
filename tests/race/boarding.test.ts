import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minutesAfter, parseInstant, toText } from '../../api/calendar/time.ts';
import { sweep } from '../../api/sweep.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employees,
  now,
  processOver,
  race,
  seededDatabase,
  signIn,
  stopProcesses,
  type Process,
} from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';
import { randomFrom, type Random } from '../support/seeded-random.ts';

const stops = ['metro-l9', 'innovation', 'hq', 'zhihui'];
const riders = 16;
const seatsOf = (index: number) => (index % 8 === 0 ? 2 : 1);
/** Runs in order of time: each case has its own, so that the clock only goes forward. */
const runs = ['24', '25', '26', '27'].flatMap((day) =>
  [
    ['run-1', '07:45'],
    ['run-6', '13:00'],
  ].map(([runId = '', departs = '']) => {
    const serviceDate = `2026-11-${day}`;
    return { runId, serviceDate, departs: parseInstant(`${serviceDate}T${departs}:00+08:00`) };
  }),
);
type Run = (typeof runs)[number];
type Scan = { code: string; at: string; nonce: string };
type Piece = { link: string; scans: Scan[] } | { link: string; counts: object[] };
type Outcome = { nonce: string; outcome: string; bookingId: string | null };

let running: Process[] = [];
let present = parseInstant(now);
const clock = { now: () => present };
/** Riders of every case, and of the present one: who missed three rides might not book a fourth. */
let everybody: string[] = [];
let tokens: string[] = [];
const cases = 6;
let dispatcher = '';

beforeAll(async () => {
  const url = await seededDatabase();
  running = await Promise.all([1, 2, 3].map(async () => processOver(await openDb({ url }), { clock })));
  everybody = await signIn(running[0]!, employees(riders * cases));
  [dispatcher = ''] = await signIn(running[0]!, [demoPhones.dispatcher]);
});
afterAll(() => stopProcesses(running));

/** Books the riders of a run and makes a link for each scanner. */
async function booked({ runId, serviceDate }: Run) {
  tokens = everybody.splice(0, riders);
  const indexed = tokens.map((token, index) => ({ token, index }));
  const bookings = await race(running, indexed, async ({ call }, { token, index }) => {
    const ride = { boardStopId: stops[index % stops.length], alightStopId: 'guangqi', seats: seatsOf(index) };
    const body = { kind: 'shuttle', runId, serviceDate, ...ride };
    const made = await call<{ id: string }>('/bookings', { token, body });
    expect(made.status).toBe(201);
    return made.body.id;
  });
  const links = await race(running, [1, 2], async ({ call }) => {
    const made = await call<{ path: string }>('/shuttle/driver-links', {
      token: dispatcher,
      body: { runId, serviceDate },
    });
    return made.body.path.replace('/driver/run#', '');
  });
  return { bookings, links };
}

/** What the riders' phones show: the text of the QR code, or the digits of those whose digits nobody else has or had a minute ago. */
async function codesOf(bookings: readonly string[]): Promise<string[]> {
  const shown = () =>
    race(running, bookings, async ({ call }, id) => {
      const token = tokens[bookings.indexOf(id)];
      return (await call<{ qr: string; digits: string }>(`/bookings/${id}/pass`, { token })).body;
    });
  present -= 60_000;
  const before = await shown();
  present += 60_000;
  const passes = await shown();
  const all = [...before, ...passes].map(({ digits }) => digits);
  return passes.map(({ qr, digits }, index) =>
    index % 3 === 0 && all.filter((other) => other === digits).length === 1 ? digits : qr,
  );
}

const shuffled = <Item>(items: readonly Item[], random: Random): Item[] =>
  items
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);

/** Cuts what a scanner has to tell into pieces. */
function cut<Item>(items: readonly Item[], random: Random): Item[][] {
  const pieces: Item[][] = [];
  for (let from = 0; from < items.length;) {
    const size = 1 + random.whole(7);
    pieces.push(items.slice(from, from + size));
    from += size;
  }
  return pieces;
}

async function tell({ call }: Process, { link: token, ...body }: Piece): Promise<Outcome[]> {
  const path = 'scans' in body ? '/driver/check-ins' : '/driver/tally';
  const answer = await call<{ items?: Outcome[] }>(path, { token, body });
  expect(answer.status).toBe(200);
  return answer.body.items ?? [];
}

/** How often the first and the second scanner see a rider. */
const timesSeen = { nobody: [0, 0], first: [1, 0], second: [0, 1], both: [1, 1], twice: [2, 0] } as const;
const sightings = Object.keys(timesSeen) as (keyof typeof timesSeen)[];
const drawn = fc.record({
  seen: fc.array(fc.constantFrom(...sightings), { minLength: riders, maxLength: riders }),
  /** Whether those who seem to be missing are taken for no-shows before anything is told. */
  isSweptBefore: fc.boolean(),
  seed: fc.nat(),
});

test('boarding with the network down for a whole run, two scanners, uploads afterwards in any order: each ticket counted once', async () => {
  const left = runs.values();
  await fc.assert(
    fc.asyncProperty(drawn, async ({ seen, isSweptBefore, seed }) => {
      const run = left.next().value!;
      const random = randomFrom(seed);
      const { bookings, links } = await booked(run);
      present = run.departs + 30_000;
      const codes = await codesOf(bookings);
      const at = toText(present, 'Asia/Shanghai');
      const scansBy = (scanner: 0 | 1): Scan[] =>
        bookings.flatMap((id, index) => {
          const who = seen[index]!;
          return Array.from({ length: timesSeen[who][scanner] }, (_, time) => ({
            ...{ code: codes[index]!, at },
            nonce: `${id}.${scanner}.${time}`,
          }));
        });
      const counts = stops.map((stopId, index) => ({
        ...{ stopId, withoutTicket: index, alighted: 1, at },
        nonce: `${run.runId}.${run.serviceDate}.${index}`,
      }));
      const pieces: Piece[] = [
        ...links.flatMap((link, index) =>
          cut(shuffled(scansBy(index === 0 ? 0 : 1), random), random).map((scans) => ({ link, scans })),
        ),
        ...cut(shuffled(counts, random), random).map((part) => ({ link: links[0]!, counts: part })),
      ];

      present = minutesAfter(run.departs, 180);
      if (isSweptBefore) await sweep(running[0]!.db, clock, siteRow.code);
      // Every piece is told twice: the first answer was lost. In the middle of it somebody counts no-shows.
      const [told] = await Promise.all([
        race(running, shuffled([...pieces, ...pieces], random), tell),
        sweep(running[1]!.db, clock, siteRow.code),
      ]);
      await sweep(running[2]!.db, clock, siteRow.code);

      await expectCountedOnce(run, bookings, seen, told.flat());
    }),
    { numRuns: cases, endOnFailure: true },
  );
});

async function expectCountedOnce(
  run: Run,
  bookings: readonly string[],
  seen: readonly (keyof typeof timesSeen)[],
  told: readonly Outcome[],
): Promise<void> {
  const { db, call } = running[0]!;
  const boarded = bookings.filter((_, index) => seen[index] !== 'nobody');
  const rows = await db.query<{ id: string; state: string; scans: number; events: number }>(
    `SELECT b.id, b.state,
       (SELECT count(*)::int FROM check_in c WHERE c.site_id = b.site_id AND c.booking_id = b.id) AS scans,
       (SELECT count(*)::int FROM event e WHERE e.site_id = b.site_id AND e.booking_id = b.id AND e.type = 'booking.checked_in') AS events
     FROM booking b WHERE b.id = ANY($1::uuid[])`,
    [bookings],
  );
  const isThere = (id: string) => boarded.includes(id);
  const found = Object.fromEntries(rows.map(({ id, state, scans, events }) => [id, [state, scans, events]]));
  const expected = bookings.map((id) => [id, isThere(id) ? ['checked_in', 1, 1] : ['no_show', 0, 0]]);
  expect(found).toEqual(Object.fromEntries(expected));
  // One scan of each ticket counts, however often it is told; every other one has come second, and nothing is refused.
  const winners = told.filter(({ outcome }) => outcome === 'boarded');
  expect(new Set(winners.map(({ nonce }) => nonce)).size).toBe(boarded.length);
  expect(new Set(winners.map(({ bookingId }) => bookingId)).size).toBe(boarded.length);
  expect(told.filter(({ outcome }) => outcome === 'refused')).toEqual([]);

  const { runId, serviceDate } = run;
  const manifest = await call<{ tally: object }>(`/shuttle/manifest?runId=${runId}&serviceDate=${serviceDate}`, {
    token: dispatcher,
  });
  const seats = (ids: readonly string[]) => ids.reduce((sum, id) => sum + seatsOf(bookings.indexOf(id)), 0);
  expect(manifest.body.tally).toEqual({
    ...{ expected: seats(bookings), boarded: seats(boarded) },
    ...{ withoutTicket: 6, alighted: 4 },
  });
  await expectInvariants(db);
}
