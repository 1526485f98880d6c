import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf, wordsOf } from '$lib/form-text.ts';
import { datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = '30';

/** Who missed a ride on a date, for those who run the shuttles. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { site } = await parent();
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const asked = url.searchParams.get('date') ?? '';
  const date = /^20\d\d-\d\d-\d\d$/.test(asked) ? asked : today;
  const cursor = url.searchParams.get('cursor');
  const query = { date, limit: pageSize, ...(cursor !== null && { cursor }) };
  const found = await unwrap(apiClient(fetch, locals.lang).shuttle['no-shows'].$get({ query }));
  if (!found.ok && found.problem.status === 404) error(403);
  const { items, nextCursor } = required(found);
  return {
    date,
    noShows: items,
    nextCursor,
    isFirstPage: cursor === null,
    /** Which of them is being excused. */
    excusing: url.searchParams.get('excuse'),
    done: url.searchParams.get('done'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  excuse: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const [id, reason] = [textOf(form, 'booking'), wordsOf(form, 'reason')];
    if (reason === '') return fail(422, { step: 'fault' as const, id });
    const answer = await unwrap(
      apiClient(fetch, locals.lang).shuttle['no-shows'][':id'].excuse.$post(
        { param: { id }, json: { reason } },
        idempotency(form),
      ),
    );
    if (answer.ok) redirect(303, `/desk/no-shows?date=${textOf(form, 'date')}&done=excused`);
    return fail(answer.problem.status, { step: 'refused' as const, id, problem: answer.problem });
  },

  undo: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const id = textOf(form, 'booking');
    const answer = await unwrap(
      apiClient(fetch, locals.lang).shuttle['no-shows'][':id']['undo-excuse'].$post(
        { param: { id } },
        idempotency(form),
      ),
    );
    if (answer.ok) redirect(303, `/desk/no-shows?date=${textOf(form, 'date')}&done=undone`);
    return fail(answer.problem.status, { step: 'refused' as const, id, problem: answer.problem });
  },
};
