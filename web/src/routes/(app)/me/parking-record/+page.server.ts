import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = '10';

/** How the person kept to their stays: where they stand with each lender, and their overstays, latest first. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const cursor = url.searchParams.get('cursor');
  const { overstays, standing } = apiClient(fetch, locals.lang).parking;
  const [page, standings] = await Promise.all([
    unwrap(overstays.$get({ query: { limit: pageSize, ...(cursor !== null && { cursor }) } })).then(required),
    unwrap(standing.$get()).then(required),
  ]);
  return {
    overstays: page.items,
    nextCursor: page.nextCursor,
    isFirstPage: cursor === null,
    standings: standings.items,
    appealing: url.searchParams.get('appeal'),
    isAppealed: url.searchParams.has('appealed'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  /** The appeal as it would be sent: nothing happens until it is confirmed. */
  review: async ({ locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const [id, text] = [textOf(form, 'overstay'), wordsOf(form, 'text')];
    if (text === '') return fail(422, { step: 'fault' as const, id, text });
    return { step: 'review' as const, id, text, key: crypto.randomUUID() };
  },

  /** Back from there to what was written. */
  edit: async ({ request }) => {
    const form = await request.formData();
    return { step: 'edit' as const, id: textOf(form, 'overstay'), text: wordsOf(form, 'text') };
  },

  appeal: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const [id, text] = [textOf(form, 'overstay'), wordsOf(form, 'text')];
    const answer = await unwrap(
      apiClient(fetch, locals.lang).parking.overstays[':id'].appeal.$post(
        { param: { id }, json: { text } },
        idempotency(form),
      ),
    );
    if (answer.ok) redirect(303, `/me/parking-record?appealed=1#overstay-${id}`);
    return fail(answer.problem.status, { step: 'refused' as const, id, text, problem: answer.problem });
  },
};
