import { fail, redirect } from '@sveltejs/kit';
import { apiClient, sessionCookie, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions } from './$types';

export const actions: Actions = {
  name: async ({ request, fetch, locals, url }) => {
    const name = textOf(await request.formData(), 'name');
    const changed = await unwrap(apiClient(fetch, locals.lang).me.$patch({ json: { name } }));
    if (changed.ok) {
      locals.me = changed.value;
      return { isSaved: true as const };
    }
    if (changed.problem.status === 401) redirect(303, signInPath(url));
    const message = changed.problem.errors?.[0]?.message ?? changed.problem.detail ?? changed.problem.title;
    return fail(changed.problem.status, { message });
  },

  signOut: async ({ fetch, locals, cookies }) => {
    // The cookie goes in any case: a session that cannot be ended at the API ends in this browser.
    await unwrap(apiClient(fetch, locals.lang).auth.session.$delete());
    cookies.delete(sessionCookie, { path: '/' });
    redirect(303, '/');
  },
};
