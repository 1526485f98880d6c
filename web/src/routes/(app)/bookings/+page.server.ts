import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { serviceOrder } from '$lib/services.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

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
  const [page, waits, offered] = await Promise.all([
    unwrap(api.bookings.$get({ query })).then(required),
    isFirst ? unwrap(api.waitlist.$get({ query: { state: 'waiting', limit: pageSize } })) : null,
    isFirst ? unwrap(api.waitlist.$get({ query: { state: 'offered' } })) : null,
  ]);
  return {
    offers: offered?.ok ? offered.value.items.flatMap(({ offer }) => offer ?? []) : [],
    waits: waits?.ok ? waits.value.items.filter((wait) => kind === null || wait.kind === kind) : [],
    hasJoined: asked.has('joined'),
    hasLeft: asked.has('left'),
    key: crypto.randomUUID(),
    when,
    kind,
    bookings: page.items,
    nextCursor: page.nextCursor,
    isFirstPage: cursor === null,
  };
};

export const actions: Actions = {
  /** Leaves a queue. */
  leave: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const entry = apiClient(fetch, locals.lang).waitlist[':id'];
    const left = await unwrap(entry.decline.$post({ param: { id: textOf(form, 'entry') } }, idempotency(form)));
    if (left.ok) redirect(303, '/bookings?left=1');
    return fail(left.problem.status, { problem: left.problem });
  },
};
