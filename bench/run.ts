import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { lineOf, type Figure } from './figures.ts';
import { makeRiders } from './people.ts';
import { hotSlots } from './riders.ts';
import { admission } from './scenarios/admission.ts';
import { advisorOverAYear } from './scenarios/advisor.ts';
import { availability } from './scenarios/availability.ts';
import type { Bench, Scenario } from './scenarios/bench.ts';
import { bookingOverHttp } from './scenarios/booking.ts';
import { fanOut } from './scenarios/events.ts';
import { pastBookings } from './scenarios/past.ts';
import { standbyDays } from './scenarios/standby.ts';
import { openStage, startService } from './stage.ts';

/** In the order in which they run: what fills the database comes last. */
const scenarios: Record<string, { title: string; run: Scenario }> = {
  booking: { title: 'Bookings over HTTP, one slot', run: bookingOverHttp },
  availability: { title: 'Availability reads', run: availability },
  events: { title: 'Fan-out of one change', run: fanOut },
  admission: { title: 'Admission without HTTP, 256 clients', run: admission },
  advisor: { title: 'The tidal advisor over a year of demand', run: advisorOverAYear },
  standby: { title: 'Seats from stop to stop on random days', run: standbyDays },
  past: { title: 'A long past', run: pastBookings },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    riders: { type: 'string', default: '20000' },
    past: { type: 'string', default: '10000000' },
    listeners: { type: 'string', default: '5000' },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(scenarios);
const unknown = chosen.find((name) => !(name in scenarios));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${Object.keys(scenarios).join(', ')}.`);
  process.exit(1);
}

console.log('… starting a durable PostgreSQL with the demo site');
const stage = await openStage();
const riders = await makeRiders(stage.db, Number(values.riders));
await stage.db.query(`UPDATE slot SET capacity = 1000000 WHERE kind = 'shuttle'`);
await stage.db.query('ANALYZE person, session, person_role, slot');
const service = await startService(stage.url);
const bench: Bench = {
  stage,
  service,
  riders,
  nextSlot: hotSlots(),
  rounds: Number(values.rounds),
  pastBookings: Number(values.past),
  listeners: Number(values.listeners),
};
const machine = `PostgreSQL ${stage.version} (fsync and synchronous_commit on), Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
console.log(`${machine}; service, load generator and database on the same machine; medians of ${bench.rounds} rounds`);

const results: Record<string, Figure[]> = {};
try {
  for (const [name, { title, run }] of Object.entries(scenarios)) {
    if (!chosen.includes(name)) continue;
    console.log(`\n${title}`);
    const figures = await run(bench);
    results[name] = figures;
    for (const figure of figures) console.log(lineOf(figure));
  }
} finally {
  await service.stop();
  await stage.stop();
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
