import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** For either party: dates on which an agreement lends nothing. */
export const load: PageServerLoad = async ({ fetch, locals, params, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  const agreement = required(await unwrap(parking.agreements[':id'].$get({ param: { id: params.id } })));
  return { agreement, first: addDays(datesIn(locals.lang, site.timeZone).dateOf(site.now), 1) };
};

const wantedIn = (form: FormData) => ({
  from: textOf(form, 'from'),
  to: textOf(form, 'to'),
  reason: textOf(form, 'reason'),
});

export const actions: Actions = {
  plan: async ({ fetch, locals, params, request }) => {
    const wanted = wantedIn(await request.formData());
    const { parking } = apiClient(fetch, locals.lang);
    const sent = { param: { id: params.id }, json: { ...wanted, dryRun: true } };
    const answer = await unwrap(parking.agreements[':id'].suspensions.$post(sent));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    return { step: 'plan' as const, wanted, effects: answer.value, key: crypto.randomUUID() };
  },

  apply: async ({ fetch, locals, params, request }) => {
    const form = await request.formData();
    const wanted = wantedIn(form);
    const { parking } = apiClient(fetch, locals.lang);
    const sent = { param: { id: params.id }, json: wanted };
    const answer = await unwrap(parking.agreements[':id'].suspensions.$post(sent, idempotency(form)));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    redirect(303, `/desk/agreements/${params.id}`);
  },
};
