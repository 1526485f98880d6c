import { ensureChromium } from '../tests/support/chromium.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import { reportStep, runStep, runSteps, seconds, type Step } from './run-step.ts';
import { verify } from './verify.ts';
import { countsOf, vitestStep, type Counts } from './vitest-step.ts';

type Need = 'postgres' | 'chromium' | 'pages' | 'workerPages';

/** The projects of vitest.config.ts in the order in which they run, and what each needs beside node_modules. */
const projects: Record<string, Need[]> = {
  repository: [],
  unit: [],
  api: [],
  race: ['postgres'],
  model: ['postgres'],
  fault: ['postgres', 'pages'],
  edge: ['postgres', 'workerPages'],
  browser: ['chromium', 'postgres', 'pages'],
};

const builds: Record<'pages' | 'workerPages', Step> = {
  pages: { name: 'build for Node', commands: [['vite', 'build']] },
  workerPages: { name: 'build for Workers', commands: [['vite', 'build']], env: { TARGET: 'cloudflare' } },
};

/** `npm test` runs everything, `npm test -- race edge` only these projects. Returns the exit code. */
async function main(chosen: string[]): Promise<number> {
  const unknown = chosen.filter((name) => !(name in projects));
  if (unknown.length > 0) {
    console.error(`No such tests: ${unknown.join(', ')}. There are: ${Object.keys(projects).join(', ')}.`);
    return 1;
  }
  const start = performance.now();
  const all = chosen.length === 0;
  const selected = Object.keys(projects).filter((name) => all || chosen.includes(name));
  const needs = new Set(selected.flatMap((name) => projects[name]!));

  const prepared = await prepare(needs);
  const failedChecks = all ? await verify() : 0;
  const built = await runSteps(
    [...needs].filter(isBuild).map((need) => builds[need]),
    2,
    reportStep,
  );
  const counts = all ? [countsOf('repository')] : [];
  // verify() has run the repository's tests already.
  for (const project of selected.filter((name) => !all || name !== 'repository'))
    counts.push(await runProject(project));

  // A check that failed is a failure too; the repository's own tests are counted one by one.
  const repositoryFailed = all && counts[0]!.failed > 0 ? 1 : 0;
  const otherFailures = prepared.failed + failedChecks - repositoryFailed + built.filter((step) => !step.passed).length;
  return conclude(counts, otherFailures, performance.now() - start);
}

/** Finds or installs what the tests need and tells what it found; a lack is told in one line and counted. */
async function prepare(needs: Set<Need>): Promise<{ failed: number }> {
  let failed = 0;
  const check = async (work: () => Promise<string>) => {
    const start = performance.now();
    try {
      console.log(`✓ ${await work()} (${seconds(performance.now() - start)})`);
    } catch (error) {
      console.log(`✗ ${(error as Error).message}`);
      failed += 1;
    }
  };
  if (needs.has('chromium')) await check(async () => `Chromium: ${await ensureChromium()}`);
  if (needs.has('postgres')) {
    await check(async () => {
      const server = await startPostgres({ durable: false });
      await server.stop();
      return `PostgreSQL ${server.version}`;
    });
  }
  return { failed };
}

const isBuild = (need: Need): need is keyof typeof builds => need in builds;

async function runProject(project: string): Promise<Counts> {
  console.log(`… ${project} tests`);
  const result = await runStep(vitestStep(project));
  const counts = countsOf(project);
  // An error outside of any test, e.g. in the global setup, ends the run without a failed test.
  if (!result.passed && counts.failed === 0) counts.failed = 1;
  reportStep({ ...result, name: `${result.name}: ${counts.passed} passed, ${counts.failed} failed` });
  return counts;
}

function conclude(counts: Counts[], otherFailures: number, ms: number): number {
  const sum = (of: (count: Counts) => number) => counts.reduce((total, count) => total + of(count), 0);
  const failed = sum((count) => count.failed) + otherFailures;
  const skipped = sum((count) => count.skipped);
  if (skipped > 0) console.log(`${skipped} skipped: a test that does not run proves nothing, so this run has failed.`);
  console.log(`Everything took ${seconds(ms)}.`);
  console.log(`${sum((count) => count.passed)} passed, ${failed} failed`);
  return failed > 0 || skipped > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
