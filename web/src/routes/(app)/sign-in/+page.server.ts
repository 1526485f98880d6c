import { fail, redirect, type Cookies, type RequestEvent } from '@sveltejs/kit';
import { apiClient, sessionCookie, unwrap, type Problem, type Site } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { safeReturnPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url }) => {
  const to = safeReturnPath(url.searchParams.get('to'));
  if (locals.me !== null) redirect(303, to);
  return { to };
};

export const actions: Actions = {
  /** Sends the code; the second step of the page asks for it. */
  code: async (event) => {
    const form = await event.request.formData();
    const phone = textOf(form, 'phone');
    const sent = await unwrap(clientOf(event).auth.otp.$post({ json: { phone } }));
    return sent.ok ? { step: 'code' as const, phone, ...sent.value } : refused('phone', phone, sent.problem);
  },

  session: async (event) => {
    const form = await event.request.formData();
    const [phone, code] = [textOf(form, 'phone'), textOf(form, 'code')];
    const problem = await beginSession(event, phone, code);
    return refused('code', phone, problem);
  },

  /** Demo mode: one press is both steps. */
  demo: async (event) => {
    const phone = textOf(await event.request.formData(), 'phone');
    const sent = await unwrap(clientOf(event).auth.otp.$post({ json: { phone } }));
    if (!sent.ok) return refused('phone', phone, sent.problem);
    const problem = await beginSession(event, phone, sent.value.demoCode ?? '');
    return refused('phone', phone, problem);
  },
};

const clientOf = ({ fetch, locals }: RequestEvent) => apiClient(fetch, locals.lang);

/** The sentence belongs beside the field that it is about. */
function refused(step: 'phone' | 'code', phone: string, problem: Problem) {
  const message = problem.errors?.[0]?.message ?? problem.detail ?? problem.title;
  return fail(problem.status, { step, phone, message });
}

/** Goes back to where the person was; returns only when the code is refused. */
async function beginSession(event: RequestEvent, phone: string, code: string): Promise<Problem> {
  const session = await unwrap(clientOf(event).auth.session.$post({ json: { phone, code } }));
  if (!session.ok) return session.problem;
  keepSession(event.cookies, session.value, event.locals.site, event.url.protocol === 'https:');
  redirect(303, safeReturnPath(event.url.searchParams.get('to')));
}

/** The browser's clock need not be the service's (demo mode): the cookie lives as long as the session, counted from the service's now. */
function keepSession(
  cookies: Cookies,
  { token, expiresAt }: { token: string; expiresAt: string },
  site: Site | null,
  secure: boolean,
): void {
  const maxAge = site === null ? undefined : Math.floor((Date.parse(expiresAt) - Date.parse(site.now)) / 1000);
  cookies.set(sessionCookie, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}
