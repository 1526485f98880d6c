import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Step } from './run-step.ts';

export type Counts = { passed: number; failed: number; skipped: number };

/** What vitest's JSON reporter writes, as far as it is counted here. */
type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
};

const reportOf = (project: string) => join(root, '.cache/tests', `${project}.json`);

/** The step that runs one project of vitest.config.ts and leaves its counts for `countsOf`. */
export function vitestStep(project: string): Step {
  const report = reportOf(project);
  // An earlier run's report must not be counted for this one.
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return { name: `${project} tests`, commands: [['vitest', 'run', '--project', project, ...reporters]] };
}

/** The counts of a project's last run. */
export function countsOf(project: string): Counts {
  return countReport(reportOf(project));
}

/** The counts of a report. A run that left none, e.g. because it did not start, counts as one failure. */
export function countReport(path: string): Counts {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that could not be loaded has failed without a single test to say so.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
