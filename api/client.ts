import { hc } from 'hono/client';
import type { ApiRoutes } from './app.ts';

/** The typed client: the one way in that the pages have. `origin` is where `/api/v1` is served. */
export function createClient(origin: string, options: { fetch: typeof fetch; headers?: Record<string, string> }) {
  return hc<ApiRoutes>(`${origin}/api/v1`, options);
}
