import { Hono } from 'hono';
import type { AppEnv } from '../../../http/environment.ts';
import { alertRoutes } from './alert-routes.ts';
import { positionRoutes } from './position-routes.ts';
import { realtimeRoutes } from './realtime-routes.ts';
import { staticRoutes } from './static-routes.ts';

/** What map apps read, and what it is fed with. */
export const feedRoutes = new Hono<AppEnv>()
  .route('/', staticRoutes)
  .route('/', realtimeRoutes)
  .route('/', positionRoutes)
  .route('/', alertRoutes);
