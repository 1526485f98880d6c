import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import { faultsOf, newValues, proposalOf, valuesIn, valuesOf } from './terms-form.ts';
import type { Actions, PageServerLoad } from './$types';

/** Terms to propose: of an agreement (`?of=`), or of a new one. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  const of = url.searchParams.get('of');
  const [options, found] = await Promise.all([
    unwrap(parking['agreement-options'].$get()),
    of === null ? null : unwrap(parking.agreements[':id'].$get({ param: { id: of } })),
  ]);
  const { lots, compounds, agreements } = required(options);
  const agreement = found === null ? null : required(found);
  const tomorrow = addDays(datesIn(locals.lang, site.timeZone).dateOf(site.now), 1);
  const mine = new Set(me.roles.filter(({ role }) => role === 'provider').map(({ organisationId }) => organisationId));
  const lot = lots.find(({ lender }) => mine.has(lender.id)) ?? lots[0];
  // Who may act for both says for whom.
  const isForBoth = agreement ? agreement.sides.length > 1 : me.roles.some(({ role }) => role === 'site-administrator');
  const values = agreement ? valuesOf(agreement.id, agreement.terms, tomorrow) : newValues(lot?.id ?? '', tomorrow);
  return {
    lots,
    compounds,
    others: agreements.filter(({ id }) => id !== agreement?.id),
    agreement,
    isForBoth,
    values: isForBoth ? { ...values, side: 'provider' } : values,
  };
};

export const actions: Actions = {
  plan: async ({ fetch, locals, request }) => {
    const values = valuesIn(await request.formData());
    const faults = faultsOf(values);
    if (Object.keys(faults).length > 0) return fail(422, { step: 'fault' as const, values, faults });
    const { parking } = apiClient(fetch, locals.lang);
    const answer = await unwrap(parking['agreement-proposals'].$post({ json: proposalOf(values, true) }));
    if (!answer.ok) return fail(answer.problem.status, { step: 'refused' as const, values, problem: answer.problem });
    return { step: 'plan' as const, values, effects: answer.value.effects, key: crypto.randomUUID() };
  },

  propose: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const values = valuesIn(form);
    const { parking } = apiClient(fetch, locals.lang);
    const call = parking['agreement-proposals'].$post({ json: proposalOf(values, false) }, idempotency(form));
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/desk/agreements/proposals/${answer.value.proposal?.id}?sent=1`);
    return fail(answer.problem.status, { step: 'refused' as const, values, problem: answer.problem });
  },
};
