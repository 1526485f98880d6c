import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runStep, runSteps, seconds } from '../scripts/run-step.ts';
import { countReport } from '../scripts/vitest-step.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaoxi-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes what vitest's JSON reporter would, and counts it. */
function counted(report: object) {
  const path = join(folder, 'report.json');
  const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  writeFileSync(path, JSON.stringify({ ...nothing, ...report }));
  return countReport(path);
}

test('passed, failed, skipped and promised tests are counted', () => {
  const report = { numPassedTests: 7, numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 };
  expect(counted(report)).toEqual({ passed: 7, failed: 2, skipped: 4 });
});

test('a file that could not be loaded counts as a failure', () => {
  expect(counted({ testResults: [{ status: 'failed', assertionResults: [] }] }).failed).toBe(1);
});

test('a run that left no report counts as a failure', () => {
  expect(countReport(join(folder, 'never-written.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a step stops at its first failing command and keeps what was written', async () => {
  const node = (script: string): [string, ...string[]] => ['node', '-e', script];
  const commands = [
    node('console.log("one")'),
    node('console.error("two"); process.exit(3)'),
    node('console.log("three")'),
  ];
  const result = await runStep({ name: 'a step', commands });
  expect(result).toMatchObject({ name: 'a step', passed: false, output: 'one\ntwo\n' });
});

test('a program that is not there is a failed step', async () => {
  const result = await runStep({ name: 'a step', commands: [['no-such-program-anywhere']] });
  expect(result.passed).toBe(false);
  expect(result.output).toContain('no-such-program-anywhere');
});

test('one failing step does not keep the others from running', async () => {
  const steps = [1, 0, 1, 0].map((code, index) => ({
    name: `step ${index}`,
    commands: [['node', '-e', `process.exit(${code})`]] as [string, ...string[]][],
  }));
  const results = await runSteps(steps, 2, () => {});
  const outcome = Object.fromEntries(results.map(({ name, passed }) => [name, passed]));
  expect(outcome).toEqual({ 'step 0': false, 'step 1': true, 'step 2': false, 'step 3': true });
});

test('times are told in seconds', () => expect(seconds(1449)).toBe('1.4 s'));
