import { resolve } from 'node:path';
import { BadConfiguration, readConfig, type Config } from '../api/config.ts';
import { loadPages, serve } from '../api/node.ts';
import { UnknownSite } from '../api/services/context.ts';
import { DatabaseInUse } from '../db/embedded.ts';
import { shownDemoPeople } from '../db/seed/demo-people.ts';
import { buildPagesIfNeeded } from './build-pages.ts';

/** `npm start`: builds the pages if needed, then serves until it is told to stop. */
async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig(process.env);
  await buildPagesIfNeeded();
  const running = await serve(config, await loadPages(config), (step) => console.log(`· ${step}`));
  console.log(welcome(config, running.url, performance.now() - startedAt));
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function welcome(config: Config, url: string, milliseconds: number): string {
  const data = 'url' in config.database ? withoutPassword(config.database.url) : resolve(config.database.folder);
  const lines = ['', `潮汐 Chaoxi is ready after ${(milliseconds / 1000).toFixed(1)} s:  ${url}`, `Data: ${data}`];
  if (config.isDemo) {
    lines.push('Demo people (sign in with one click, or with the code that the page shows):');
    for (const { phone, name, about } of shownDemoPeople()) lines.push(`  ${phone}  ${name}  ${about.en}`);
  }
  return lines.join('\n');
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  return url.href;
}

/** What the operator can mend is one line; anything else keeps its trace. */
function fail(error: unknown): never {
  const isTheirs =
    error instanceof BadConfiguration ||
    error instanceof DatabaseInUse ||
    error instanceof UnknownSite ||
    isPortTaken(error);
  console.error(isTheirs ? `Chaoxi cannot start: ${error.message}` : error);
  process.exit(1);
}

function isPortTaken(error: unknown): error is Error {
  return error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE';
}

try {
  await main();
} catch (error) {
  fail(error);
}
