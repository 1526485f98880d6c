import { globSync } from 'node:fs';
import { reportStep, root, runSteps, seconds, type Step } from './run-step.ts';
import { vitestStep } from './vitest-step.ts';

/** What needs no database and no build; the longest first, so that two cores end together. */
function steps(): Step[] {
  return [
    {
      name: 'types (svelte-check)',
      commands: [
        ['svelte-kit', 'sync'],
        ['svelte-check', '--tsconfig', './tsconfig.json'],
      ],
    },
    vitestStep('repository'),
    { name: 'lint (oxlint)', commands: [['oxlint', '--type-aware', '--deny-warnings']] },
    { name: 'walls (dependency-cruiser)', commands: [['depcruise', '--output-type', 'err-long', ...sources]] },
    { name: 'unused code (knip)', commands: [['knip', '--no-progress', '--no-config-hints']] },
    { name: 'format (prettier)', commands: [['prettier', '--check', '--log-level', 'warn', '.']] },
    { name: 'migrations (squawk)', commands: [['squawk', ...globSync('db/migrations/*.sql', { cwd: root })]] },
  ];
}

const sources = ['api', 'db', 'web/src', 'scripts', 'tests'];

/** Runs the checks two at a time, prints a line for each, and returns how many failed. */
export async function verify(): Promise<number> {
  const results = await runSteps(steps(), 2, reportStep);
  return results.filter((result) => !result.passed).length;
}

if (import.meta.main) {
  const start = performance.now();
  const failed = await verify();
  console.log(failed === 0 ? `Verified in ${seconds(performance.now() - start)}.` : `${failed} of the checks failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
}
