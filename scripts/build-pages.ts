import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, runStep, seconds } from './run-step.ts';

const built = join(root, 'build/node/handler.js');
const sources = ['web/**/*', 'api/**/schemas.ts', 'api/client.ts', 'vite.config.ts', 'package-lock.json'];

/** Builds the pages for Node unless what stands there is newer than everything that it is made from. */
export async function buildPagesIfNeeded(): Promise<void> {
  if (isUpToDate()) return;
  console.log('Building the pages (once; about a quarter of a minute) …');
  const stop = showProgress();
  const result = await runStep({ name: 'build', commands: [['vite', 'build']] });
  stop();
  if (!result.passed) throw new Error(`The pages could not be built:\n${result.output}`);
  console.log(`Built in ${seconds(result.ms)}.`);
}

function isUpToDate(): boolean {
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return globSync(sources, { cwd: root }).every((file) => statSync(join(root, file)).mtimeMs <= builtAt);
}

/** A dot a second, so that nobody thinks it hangs. */
function showProgress(): () => void {
  const timer = setInterval(() => process.stdout.write('.'), 1000);
  return () => {
    clearInterval(timer);
    process.stdout.write('\n');
  };
}
