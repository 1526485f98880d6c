import type { Handle, HandleFetch, RequestEvent } from '@sveltejs/kit';
import { redirect } from '@sveltejs/kit';
import { apiClient, sessionCookie, unwrap } from '$lib/api.ts';
import { askedPreferences, readPreferences } from '$lib/preferences.ts';

const yearSeconds = 365 * 24 * 60 * 60;

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Where a phone is only the driver's page may ask. */
const permissionsPolicy = (route: string | null): string =>
  `camera=(self), geolocation=(${route === '/driver/run' ? 'self' : ''}), microphone=(), payment=()`;

/** Language, elder mode and theme from cookies; site and person for the application's pages; attributes of <html>. */
export const handle: Handle = async ({ event, resolve }) => {
  if (isTooLarge(event.request, event.url.pathname)) return new Response(null, { status: 413 });
  switchPreferences(event);
  Object.assign(
    event.locals,
    readPreferences((name) => event.cookies.get(name)),
    { site: null, me: null },
  );
  if (event.route.id?.startsWith('/(')) await readSiteAndPerson(event);

  const { lang, elder, theme } = event.locals;
  const attributes = [elder ? 'data-elder' : '', theme === 'system' ? '' : `data-theme="${theme}"`].join(' ').trim();
  const response = await resolve(event, {
    transformPageChunk: ({ html }) => html.replace('%lang%', lang).replace('%html.attributes%', attributes),
  });
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
  response.headers.set('permissions-policy', permissionsPolicy(event.route.id));
  // A page shows one person's bookings: no shared cache may keep it.
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'private, no-cache');
  return response;
};

/** Calls to the API stay in this process where it runs beside the pages; elsewhere they go to the same origin. */
export const handleFetch: HandleFetch = async ({ event, request, fetch }) => {
  const url = new URL(request.url);
  if (url.origin !== event.url.origin || !url.pathname.startsWith('/api/')) return fetch(request);

  const headers = new Headers(request.headers);
  headers.set('accept-language', event.locals.lang);
  const cookie = event.request.headers.get('cookie');
  if (cookie !== null) headers.set('cookie', cookie);
  const call = new Request(request, { headers });
  const api = event.platform?.req?.chaoxiApi ?? event.platform?.env?.api;
  return api ? api.fetch(call) : globalThis.fetch(call);
};

const maxFormBytes = 64 * 1024;

/** Forms are small; only the page of a roster takes files, as large as the server takes at all. */
function isTooLarge({ headers, body }: Request, path: string): boolean {
  if (body === null || path === '/desk/roster') return false;
  const length = headers.get('content-length');
  return length === null || Number(length) > maxFormBytes;
}

function switchPreferences(event: RequestEvent): void {
  if (event.request.method !== 'GET') return;
  const asked = askedPreferences(event.url);
  if (asked === null) return;
  for (const [name, value] of asked.cookies) {
    event.cookies.set(name, value, {
      path: '/',
      maxAge: yearSeconds,
      httpOnly: true,
      sameSite: 'lax',
      secure: isSecure(event),
    });
  }
  redirect(303, asked.rest);
}

const isSecure = (event: RequestEvent): boolean => event.url.protocol === 'https:';

async function readSiteAndPerson(event: RequestEvent): Promise<void> {
  const api = apiClient(event.fetch, event.locals.lang);
  const isSignedIn = event.cookies.get(sessionCookie) !== undefined;
  const [site, me] = await Promise.all([unwrap(api.site.$get()), isSignedIn ? unwrap(api.me.$get()) : null]);
  // Without it the layout answers 503: an error thrown here would lose the error page.
  event.locals.site = site.ok ? site.value : null;
  // An expired session is a guest, not an error: the page that needs a person sends to sign-in.
  event.locals.me = me?.ok ? me.value : null;
}
