import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

/** The repository's root folder. */
export const root = resolve(import.meta.dirname, '..');

/** A name for people and the commands that run one after the other, each `[program of node_modules/.bin, ...arguments]`. */
export type Step = { name: string; commands: [string, ...string[]][]; env?: Record<string, string> };

/** `ms` is milliseconds; `output` is what all commands wrote, in order. */
export type StepResult = { name: string; passed: boolean; ms: number; output: string };

/** Runs a step's commands until one fails. Never throws: a program that cannot be started is a failed step. */
export async function runStep({ name, commands, env }: Step): Promise<StepResult> {
  const start = performance.now();
  let output = '';
  for (const [program, ...args] of commands) {
    const run = await runProgram(program, args, env);
    output += run.output;
    if (run.code !== 0) return { name, passed: false, ms: performance.now() - start, output };
  }
  return { name, passed: true, ms: performance.now() - start, output };
}

/** Runs steps, at most `width` at a time; `report` gets each as it ends. */
export async function runSteps(
  steps: Step[],
  width: number,
  report: (result: StepResult) => void,
): Promise<StepResult[]> {
  const waiting = [...steps];
  const results: StepResult[] = [];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const result = await runStep(step);
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** One line for a step, and everything it wrote when it failed. */
export function reportStep({ name, passed, ms, output }: StepResult): void {
  console.log(`${passed ? '✓' : '✗'} ${name} (${seconds(ms)})`);
  if (!passed) console.log(`${output.trimEnd()}\n`);
}

/** Milliseconds as text, e.g. `1.4 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function runProgram(program: string, args: string[], env: Record<string, string> = {}) {
  const bin = join(root, 'node_modules/.bin');
  return new Promise<{ code: number; output: string }>((done) => {
    const child = spawn(program, args, {
      cwd: root,
      // node_modules/.bin first: there stands the project's own Node as well.
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => done({ code: 1, output: `${output}${program}: ${error.message}\n` }));
    child.once('close', (code) => done({ code: code ?? 1, output }));
  });
}
