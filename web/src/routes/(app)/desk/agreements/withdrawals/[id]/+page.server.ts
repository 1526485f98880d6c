import { redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

/** One withdrawal with its receipt, for both parties. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  return { withdrawal: required(await unwrap(parking.withdrawals[':id'].$get({ param: { id: params.id } }))) };
};
