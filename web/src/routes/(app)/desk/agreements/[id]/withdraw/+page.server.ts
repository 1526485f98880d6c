import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** For the lender: spaces to take back. */
export const load: PageServerLoad = async ({ fetch, locals, params, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  const agreement = required(await unwrap(parking.agreements[':id'].$get({ param: { id: params.id } })));
  if (!agreement.sides.includes('provider')) error(404);
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  return { agreement, first: addDays(today, Math.ceil(agreement.terms.withdrawNoticeHours / 24) + 1) };
};

const wantedIn = (form: FormData) => ({
  from: textOf(form, 'from'),
  to: textOf(form, 'to'),
  spaces: textOf(form, 'spaces'),
  reason: textOf(form, 'reason'),
  override: textOf(form, 'override') !== '',
});

const bodyOf = (wanted: ReturnType<typeof wantedIn>, dryRun: boolean) => ({
  ...wanted,
  spaces: Number(wanted.spaces),
  dryRun,
});

export const actions: Actions = {
  plan: async ({ fetch, locals, params, request }) => {
    const wanted = wantedIn(await request.formData());
    const { parking } = apiClient(fetch, locals.lang);
    const call = parking.agreements[':id'].withdrawals.$post({ param: { id: params.id }, json: bodyOf(wanted, true) });
    const answer = await unwrap(call);
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    const effects = { applied: false, published: 0, renewed: 0, kept: [], plan: answer.value };
    return { step: 'plan' as const, wanted, effects, key: crypto.randomUUID() };
  },

  apply: async ({ fetch, locals, params, request }) => {
    const form = await request.formData();
    const wanted = wantedIn(form);
    const { parking } = apiClient(fetch, locals.lang);
    const sent = { param: { id: params.id }, json: bodyOf(wanted, false) };
    const answer = await unwrap(parking.agreements[':id'].withdrawals.$post(sent, idempotency(form)));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, wanted, problem: answer.problem });
    redirect(303, `/desk/agreements/withdrawals/${answer.value.changeId}?done=1`);
  },
};
