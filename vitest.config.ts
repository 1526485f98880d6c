import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const postgres = ['tests/support/postgres-setup.ts'];

/** Minutes in milliseconds, for the projects that start servers. */
const minutes = (count: number) => count * 60_000;

export default defineConfig({
  test: {
    // Two cores, and PGlite takes 600 MB a worker.
    maxWorkers: 2,
    projects: [
      {
        // Its own instance of Vite: vite.config.ts would start Kit and its adapters.
        plugins: [svelte({ configFile: false })],
        resolve: { alias: { $lib: path('web/src/lib') }, conditions: ['browser'] },
        test: {
          name: 'unit',
          include: ['api/**/*.test.ts', 'db/**/*.test.ts', 'web/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'repository',
          include: ['tests/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'api',
          include: ['tests/api/**/*.test.ts'],
          // One embedded database per worker, whatever the number of files: each test has a site of its own.
          isolate: false,
          setupFiles: ['tests/support/embedded-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'race',
          include: ['tests/race/**/*.test.ts'],
          globalSetup: postgres,
          fileParallelism: false,
          // One after the other in one worker, which imports the service once.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'model',
          include: ['tests/model/**/*.test.ts'],
          globalSetup: postgres,
          testTimeout: minutes(10),
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'fault',
          include: ['tests/fault/**/*.test.ts'],
          globalSetup: postgres,
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
        },
      },
      {
        test: {
          name: 'edge',
          include: ['tests/edge/**/*.test.ts'],
          globalSetup: postgres,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: minutes(3),
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          globalSetup: postgres,
          testTimeout: 60_000,
          // The first one may have to install Chromium.
          hookTimeout: minutes(3),
        },
      },
    ],
  },
});
