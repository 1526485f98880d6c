import { redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { serviceOrder } from '$lib/services.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

type When = 'upcoming' | 'past';
const pageSize = '20';

/** The person's own bookings, what is ahead or what is over, by service if asked for. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const asked = url.searchParams;
  const when: When = asked.get('when') === 'past' ? 'past' : 'upcoming';
  const kind = serviceOrder.find((service) => service === asked.get('kind')) ?? null;
  const cursor = asked.get('cursor');
  const query = { when, limit: pageSize, ...(kind && { kind }), ...(cursor !== null && { cursor }) } as const;
  const api = apiClient(fetch, locals.lang);
  const isFirst = when === 'upcoming' && cursor === null;
  const [page, waits] = await Promise.all([
    unwrap(api.bookings.$get({ query })).then(required),
    isFirst ? unwrap(api.waitlist.$get({ query: { state: 'offered' } })) : null,
  ]);
  return {
    offers: waits?.ok ? waits.value.items.flatMap(({ offer }) => offer ?? []) : [],
    when,
    kind,
    bookings: page.items,
    nextCursor: page.nextCursor,
    isFirstPage: cursor === null,
  };
};
