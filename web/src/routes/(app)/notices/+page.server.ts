import { fail, redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = '20';

/** What the person was told, latest first. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const cursor = url.searchParams.get('cursor');
  const api = apiClient(fetch, locals.lang);
  const [page, unread] = await Promise.all([
    unwrap(api.notices.$get({ query: { limit: pageSize, ...(cursor !== null && { cursor }) } })).then(required),
    unwrap(api.notices.$get({ query: { unread: 'true', limit: '1' } })).then(required),
  ]);
  return {
    notices: page.items,
    nextCursor: page.nextCursor,
    isFirstPage: cursor === null,
    hasUnread: unread.items.length > 0,
  };
};

export const actions: Actions = {
  read: async ({ fetch, locals, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const answer = await unwrap(apiClient(fetch, locals.lang).notices.read.$post());
    return answer.ok ? { isRead: true } : fail(answer.problem.status, { problem: answer.problem });
  },
};
