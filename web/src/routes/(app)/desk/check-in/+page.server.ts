import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** For those who manage something: to check in who comes. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const managed = required(await unwrap(api.resources.$get({ query: { managed: 'true', limit: '1' } })));
  if (managed.items.length === 0) error(403);
  return { nonce: crypto.randomUUID() };
};

export const actions: Actions = {
  scan: async ({ fetch, locals, request, url }) => {
    if (locals.me === null || locals.site === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const code = textOf(form, 'code').replaceAll(/\s/g, '');
    const nonce = textOf(form, 'nonce') || crypto.randomUUID();
    if (code === '') return fail(422, { step: 'fault' as const, code, nonce });
    const scan = { code, at: locals.site.now, nonce };
    const answer = await unwrap(apiClient(fetch, locals.lang)['check-ins'].$post({ json: scan }));
    if (answer.ok) return { step: 'done' as const, checkIn: answer.value, nonce: crypto.randomUUID() };
    return fail(answer.problem.status, {
      step: 'refused' as const,
      problem: answer.problem,
      nonce: crypto.randomUUID(),
    });
  },
};
