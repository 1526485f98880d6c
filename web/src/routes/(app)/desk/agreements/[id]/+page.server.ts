import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** One agreement, what was proposed of it, and what was taken back. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  const param = { id: params.id };
  const [agreement, proposals, withdrawals] = await Promise.all([
    unwrap(parking.agreements[':id'].$get({ param })),
    unwrap(parking['agreement-proposals'].$get({ query: { resourceId: params.id, limit: '10' } })),
    unwrap(parking.agreements[':id'].withdrawals.$get({ param, query: { limit: '10' } })),
  ]);
  if (!proposals.ok) error(proposals.problem.status);
  return {
    agreement: required(agreement),
    proposals: proposals.value.items,
    withdrawals: required(withdrawals).items,
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  resume: async ({ fetch, locals, params, request }) => {
    const form = await request.formData();
    const json = { from: textOf(form, 'from'), reason: textOf(form, 'reason') };
    const { parking } = apiClient(fetch, locals.lang);
    const call = parking.agreements[':id'].resume.$post({ param: { id: params.id }, json }, idempotency(form));
    const answer = await unwrap(call);
    if (answer.ok) return { step: 'resumed' as const };
    return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  },

  undo: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const api = apiClient(fetch, locals.lang);
    const param = { id: textOf(form, 'change') };
    const call = api['capacity-changes'][':id'].undo.$post({ param, json: {} }, idempotency(form));
    const answer = await unwrap(call);
    if (answer.ok) return { step: 'undone' as const };
    return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  },
};
