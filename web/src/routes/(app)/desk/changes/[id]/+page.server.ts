import { redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

/** One change with its receipt. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const call = apiClient(fetch, locals.lang)['capacity-changes'][':id'].$get({ param: { id: params.id } });
  return { change: required(await unwrap(call)) };
};
