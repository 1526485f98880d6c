import { parseArgs } from 'node:util';
import { parseInstant } from '../api/calendar/time.ts';
import { signedHeaders } from '../api/gates/signature.ts';
import { randomFrom } from '../tests/support/seeded-random.ts';
import { startListReceiver, type Manner } from './gate/list-receiver.ts';
import { misbehave, type Sight } from './gate/misbehave.ts';

const usage = `A gate to try the service with; it behaves badly on purpose. GATE_SECRET must be the service's.

  npm run gate -- --lot guangqi --plates 沪A12345,沪B66666 [--url http://127.0.0.1:8787] [--visits 3] [--hours 12] [--seed 1] [--clean]
    lets the cars come and go during the last hours, and tells the service of it: late, twice, out of order, lost and misread
  npm run gate -- --listen 8790 [--url http://127.0.0.1:8787] [--clean]
    takes the list (GATE_PUSH_URL=http://127.0.0.1:8790) and prints it; now and then it fails, or answers twice`;

const options = {
  url: { type: 'string', default: 'http://127.0.0.1:8787' },
  lot: { type: 'string' },
  plates: { type: 'string' },
  visits: { type: 'string', default: '3' },
  hours: { type: 'string', default: '12' },
  seed: { type: 'string', default: '1' },
  listen: { type: 'string' },
  clean: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof read>;
const read = (args: string[]) => parseArgs({ args, options }).values;

async function main(args: string[]): Promise<number> {
  const values = read(args);
  const secret = process.env['GATE_SECRET'] ?? '';
  if (secret === '' || (values.listen === undefined && (!values.lot || !values.plates))) {
    console.error(usage);
    return 2;
  }
  const ahead = (await presentOf(values.url)) - Date.now();
  const now = () => Date.now() + ahead;
  return values.listen === undefined ? tell(values, secret, now) : listen(values, secret, now);
}

/** The service's clock: a demo's may stand on another day. */
async function presentOf(url: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/site`);
  return parseInstant(((await response.json()) as { now: string }).now);
}

async function tell(values: Values, secret: string, now: () => number): Promise<number> {
  const random = randomFrom(Number(values.seed));
  const clean = comings(values, now());
  const { messages, lost, misread } = values.clean
    ? { messages: [clean], lost: [], misread: new Map() }
    : misbehave(clean, random, { perMessage: 20 });
  console.log(`${clean.length} sights: ${lost.length} lost, ${misread.size} misread, ${messages.flat().length} told`);
  for (const events of messages) {
    const body = JSON.stringify({ lotId: values.lot, events });
    const headers = { 'Content-Type': 'application/json', ...signedHeaders(secret, body, now()) };
    const response = await fetch(`${values.url}/api/v1/gates/events`, { method: 'POST', headers, body });
    console.log(response.status, await response.text());
    if (!response.ok) return 1;
  }
  return 0;
}

/** Each car comes and goes some times, and is in at the end. */
function comings({ plates = '', visits, hours, seed }: Values, now: number): Sight[] {
  const random = randomFrom(Number(seed) + 1);
  const length = Number(hours) * 3_600_000;
  const sights = plates.split(',').flatMap((plate) =>
    Array.from({ length: 2 * Number(visits) - 1 }, () => now - Math.floor(random.next() * length))
      .toSorted((a, b) => a - b)
      .map((at, turn) => ({ kind: turn % 2 === 0 ? ('entry' as const) : ('exit' as const), plate: plate.trim(), at })),
  );
  return sights
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, ...sight }, number) => ({
      serial: `SIM-${seed}`,
      event: `${now}-${number}`,
      ...sight,
      at: new Date(at).toISOString(),
    }));
}

async function listen({ listen: port, seed, clean }: Values, secret: string, now: () => number): Promise<number> {
  const random = randomFrom(Number(seed));
  const manners: Manner[] = clean ? ['take'] : ['take', 'take', 'take', 'fail', 'garble', 'mute', 'twice', 'hang'];
  const receiver = await startListReceiver({ secret, now, port: Number(port), mannerOf: () => random.pick(manners) });
  console.log(`Listening at ${receiver.url}`);
  let shown = '';
  setInterval(() => {
    const list = receiver.allowed().map(({ lotId, plate, from, until }) => `${lotId} ${plate} ${from} – ${until}`);
    if (list.join('\n') !== shown) console.log(`${(shown = list.join('\n')) || 'the list is empty'}\n`);
  }, 1_000);
  return new Promise(() => {});
}

process.exitCode = await main(process.argv.slice(2));
