import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BadConfiguration, readDatabasePlace, type Config } from '../api/config.ts';
import { examine, type Diagnosis } from '../api/engine/doctor.ts';
import { invariantNames } from '../api/engine/invariants.ts';
import { databaseRefusal, isDatabaseAway } from '../db/db.ts';
import { DatabaseInUse } from '../db/embedded.ts';
import { openDb } from '../db/open.ts';

/** What `npm run doctor` ends with. */
const exitCodes = { sound: 0, broken: 1, cannotLook: 2 };

/**
 * `npm run doctor [-- --json] [-- --limit 100]`: says which rows of the database (DATABASE_URL, else the embedded one in DATA_DIR) break
 * which invariant. Only reads.
 */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, limit: { type: 'string', default: '100' } },
  });
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) throw new CannotLook('--limit is a number from 1 on');
  const startedAt = performance.now();
  const diagnosis = await look(readDatabasePlace(process.env), limit);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(values.json ? JSON.stringify(diagnosis, null, 2) : report(diagnosis, seconds));
  return diagnosis.broken.length === 0 ? exitCodes.sound : exitCodes.broken;
}

async function look(place: Config['database'], limit: number): Promise<Diagnosis> {
  // The embedded database would be made where there is none, and a new one is always sound.
  if ('folder' in place && !existsSync(join(place.folder, 'postgres')))
    throw new CannotLook(`there is no database in ${resolve(place.folder)}`);
  const db = await openDb('url' in place ? { ...place, connections: 1 } : place);
  try {
    return await examine(db, limit);
  } finally {
    await db.close();
  }
}

function report({ broken, cutRules }: Diagnosis, seconds: number): string {
  const lines: string[] = [];
  for (const [invariant, name] of Object.entries(invariantNames)) {
    const rows = broken.filter((row) => String(row.invariant) === invariant);
    lines.push(`${rows.length === 0 ? '✓' : '✗'} ${invariant}. ${name}`);
    for (const rule of new Set(rows.map((row) => row.rule))) {
      lines.push(`    ${rule}; not so:`);
      const ofRule = rows.filter((row) => row.rule === rule);
      lines.push(...ofRule.map(({ siteId, row, found }) => `      site ${siteId}, ${row}: ${found}`));
      if (cutRules.includes(rule)) lines.push('      … and more (--limit shows more)');
    }
  }
  const sum = broken.length === 0 ? 'All invariants hold' : `${broken.length} rows break an invariant`;
  return [...lines, `${sum}; looked for ${seconds.toFixed(1)} s.`].join('\n');
}

/** Why the doctor cannot look, in one line. */
class CannotLook extends Error {
  override name = 'CannotLook';
}

/** What the operator can mend is one line; anything else keeps its trace. */
function explain(error: unknown): unknown {
  const isTheirs =
    error instanceof CannotLook ||
    error instanceof BadConfiguration ||
    error instanceof DatabaseInUse ||
    (error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS')) ||
    isDatabaseAway(error) ||
    databaseRefusal(error) !== null;
  return isTheirs && error instanceof Error ? `The doctor cannot look: ${error.message}` : error;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = exitCodes.cannotLook;
}
