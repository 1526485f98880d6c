import { Hono } from 'hono';
import { openAPIRouteHandler } from 'hono-openapi';
import { healthRoutes } from './health-routes.ts';
import { docsPage } from './http/docs-page.ts';
import type { AppEnv, Deps } from './http/environment.ts';
import { answerForError } from './http/errors.ts';
import { idempotencyKeys } from './http/idempotency.ts';
import {
  answerInTime,
  begin,
  boundBody,
  checked,
  fromThisSite,
  knowCaller,
  tellListeners,
  withAcceptableBody,
  withinRate,
} from './http/middleware.ts';
import { openApiDocument } from './http/openapi.ts';
import { problemResponse } from './http/problem.ts';
import { RememberingRouter } from './http/remembering-router.ts';
import { messageRoutes } from './messages/routes.ts';
import { rosterRoutes } from './people/roster-routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { vehicleRoutes } from './people/vehicle-routes.ts';
import { bookingRoutes } from './services/booking-routes.ts';
import { checkInRoutes } from './services/check-in-routes.ts';
import { capacityRoutes } from './services/capacity-routes.ts';
import { eventRoutes } from './services/event-routes.ts';
import { routesOfServices } from './services/registry.ts';
import { inventoryRoutes } from './services/routes.ts';
import { waitlistRoutes } from './services/waitlist-routes.ts';
import { siteRoutes } from './site-routes.ts';

/** Everything under `/api/v1`; its type is what the typed client knows. */
function apiRoutes() {
  return new Hono<AppEnv>()
    .route('/', siteRoutes)
    .route('/', peopleRoutes)
    .route('/', vehicleRoutes)
    .route('/', rosterRoutes)
    .route('/', inventoryRoutes)
    .route('/', capacityRoutes)
    .route('/', eventRoutes)
    .route('/', routesOfServices)
    .route('/', bookingRoutes)
    .route('/', checkInRoutes)
    .route('/', waitlistRoutes)
    .route('/', messageRoutes);
}

export type ApiRoutes = ReturnType<typeof apiRoutes>;

/** Paths that the app answers itself; everything else is a page. */
export function isApiPath(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/health/') || path === '/api';
}

/** How many requests a process works on at a time; bookings may be half of them (`admissionLimits`). */
const maxUnderWay = 10_000;
/** Probes of load balancers have places of their own. */
const maxProbes = 100;

/** Puts the API together over what the runtime hands in. */
export function createApp(deps: Deps): Hono<AppEnv> {
  const api = apiRoutes();
  const app = new Hono<AppEnv>({ router: new RememberingRouter() });
  app.use(begin(deps));
  app.use('/health/ready', answerInTime(maxProbes));
  app.route('/', healthRoutes);
  app.use(
    '/api/*',
    answerInTime(maxUnderWay),
    knowCaller,
    checked([withinRate, fromThisSite, withAcceptableBody], boundBody),
    idempotencyKeys(),
    tellListeners,
  );
  app.get(
    '/api/v1/openapi.json',
    openAPIRouteHandler(api, {
      documentation: openApiDocument,
      exclude: [],
      // A path with a dot is a route as well, e.g. /gtfs.zip.
      excludeStaticFile: false,
      // Refusals are problem documents, not the validator's own form.
      defaultValidationErrorResponse: false,
    }),
  );
  app.get('/api/v1/docs', docsPage);
  app.route('/api/v1', api);
  app.notFound((c) => problemResponse(c, 'not-found'));
  app.onError(answerForError);
  return app;
}
