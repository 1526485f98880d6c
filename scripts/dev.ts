import { createServer } from 'vite';
import { readConfig } from '../api/config.ts';
import { serve } from '../api/node.ts';
import { root } from './run-step.ts';

/**
 * `npm run dev`: the API in this process, which Node restarts when api/ or db/ change, and the pages through Vite, which reloads them
 * in place. Same address and data as `npm start`.
 */
const vite = await createServer({ root, server: { middlewareMode: true } });
const running = await serve(
  readConfig(process.env),
  (request, response) => vite.middlewares(request, response),
  (step) => console.log(`· ${step}`),
);
console.log(`潮汐 Chaoxi, reloading: ${running.url}`);

async function stop(): Promise<void> {
  await vite.close();
  await running.stop();
  process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
