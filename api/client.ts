// Placeholder of the web branch until the API's own `AppType` exists; same shape, real `hc` underneath.
import type { Hono } from 'hono';
import { hc, type ClientRequestOptions } from 'hono/client';
import type { z } from 'zod';
import type { localized } from './http/schemas.ts';
import type { Me, meChange, otpAnswer, otpRequest, sessionAnswer, sessionRequest, Site } from './people/schemas.ts';
import type { Dish } from './services/canteen/schemas.ts';
import type { BookingAnswer, BookingRequest, ResourceAnswer } from './services/registry.ts';
import type { capacityChangeRequest, capacityPlan, slotAnswer } from './services/schemas.ts';

type Json<Input, Output, Status extends number> = {
  input: Input;
  output: Output;
  outputFormat: 'json';
  status: Status;
};
type Page<Item> = { items: Item[]; nextCursor: string | null };
type Query<Name extends string> = { query: { [K in Name]?: string | undefined } };
type ById = { param: { id: string } };
type Day = {
  date: string;
  kind: 'off' | 'workday';
  name: z.infer<typeof localized> | null;
  status: 'published' | 'provisional';
};

type Routes = {
  '/api/v1/site': { $get: Json<{}, Site, 200> };
  '/api/v1/calendar/days': { $get: Json<Query<'from' | 'to'>, { items: Day[] }, 200> };
  '/api/v1/auth/otp': { $post: Json<{ json: z.input<typeof otpRequest> }, z.infer<typeof otpAnswer>, 202> };
  '/api/v1/auth/session': {
    $post: Json<{ json: z.input<typeof sessionRequest> }, z.infer<typeof sessionAnswer>, 201>;
    $delete: Json<{}, null, 204>;
  };
  '/api/v1/me': { $get: Json<{}, Me, 200>; $patch: Json<{ json: z.input<typeof meChange> }, Me, 200> };
  '/api/v1/resources': { $get: Json<Query<'kind' | 'limit' | 'cursor'>, Page<ResourceAnswer>, 200> };
  '/api/v1/slots': {
    $get: Json<
      Query<'kind' | 'resourceId' | 'from' | 'to' | 'limit' | 'cursor'>,
      Page<z.infer<typeof slotAnswer>>,
      200
    >;
  };
  '/api/v1/menus': { $get: Json<{ query: { slotId: string } }, { items: Dish[] }, 200> };
  '/api/v1/bookings': {
    $get: Json<Query<'kind' | 'state' | 'when' | 'limit' | 'cursor'>, Page<BookingAnswer>, 200>;
    $post: Json<{ json: BookingRequest }, BookingAnswer, 201>;
  };
  '/api/v1/bookings/:id': { $get: Json<ById, BookingAnswer, 200> };
  '/api/v1/bookings/:id/cancel': { $post: Json<ById, BookingAnswer, 200> };
  '/api/v1/capacity-changes': {
    $post: Json<{ json: z.input<typeof capacityChangeRequest> }, z.infer<typeof capacityPlan>, 200>;
  };
};
type AppType = Hono<Record<never, never>, Routes, '/'>;

/** The typed client of the HTTP API. `origin` may be `/` where `fetch` resolves paths itself. */
export const createClient = (origin: string, options?: ClientRequestOptions) => hc<AppType>(origin, options);
export type ApiClient = ReturnType<typeof createClient>;
