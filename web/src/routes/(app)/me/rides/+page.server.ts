import { redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

const pageSize = '20';

/** The person's rides that are over, latest first, and where they stand. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const cursor = url.searchParams.get('cursor');
  const query = { limit: pageSize, ...(cursor !== null && { cursor }) };
  const { items, nextCursor, standing } = required(
    await unwrap(apiClient(fetch, locals.lang).shuttle.record.$get({ query })),
  );
  return { rides: items, nextCursor, standing, isFirstPage: cursor === null };
};
