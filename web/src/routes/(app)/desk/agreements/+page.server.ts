import { error, redirect } from '@sveltejs/kit';
import { allPages } from '$lib/all-pages.ts';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

/** The agreements of one's parties, and the proposals of new ones that are open. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const isParty = me.roles.some(({ role }) => ['provider', 'committee', 'site-administrator'].includes(role));
  if (!isParty) error(403);
  const { parking } = apiClient(fetch, locals.lang);
  const [agreements, open] = await Promise.all([
    allPages((cursor) => unwrap(parking.agreements.$get({ query: { ...(cursor && { cursor }) } }))),
    unwrap(parking['agreement-proposals'].$get({ query: { state: 'open' } })),
  ]);
  return { agreements, proposals: required(open).items.filter(({ resourceId }) => resourceId === null) };
};
