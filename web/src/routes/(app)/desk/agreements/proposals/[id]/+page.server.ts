import { fail, redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** One proposal beside what is in force, and what would follow if it were confirmed now. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { parking } = apiClient(fetch, locals.lang);
  const param = { id: params.id };
  const [found, options] = await Promise.all([
    unwrap(parking['agreement-proposals'][':id'].$get({ param })),
    unwrap(parking['agreement-options'].$get()),
  ]);
  const proposal = required(found);
  const preview = proposal.waitsForCaller
    ? await unwrap(parking['agreement-proposals'][':id'].confirm.$post({ param, json: { dryRun: true } }))
    : null;
  return { proposal, preview, agreements: required(options).agreements, key: crypto.randomUUID() };
};

/** The retry key, and the version that was read: what was changed meanwhile is not answered unseen. */
const seenIn = (form: FormData) => ({
  headers: {
    'idempotency-key': textOf(form, 'key') || crypto.randomUUID(),
    'if-match': `"${textOf(form, 'version')}"`,
  },
});

export const actions: Actions = {
  confirm: async ({ fetch, locals, params, request }) => {
    const { parking } = apiClient(fetch, locals.lang);
    const sent = seenIn(await request.formData());
    const call = parking['agreement-proposals'][':id'].confirm.$post({ param: { id: params.id }, json: {} }, sent);
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/desk/agreements/${answer.value.proposal?.resourceId}?new=1`);
    return fail(answer.problem.status, { problem: answer.problem });
  },

  reject: async ({ fetch, locals, params, request }) => {
    const { parking } = apiClient(fetch, locals.lang);
    const form = await request.formData();
    const json = { reason: textOf(form, 'reason') };
    const call = parking['agreement-proposals'][':id'].reject.$post({ param: { id: params.id }, json }, seenIn(form));
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/desk/agreements/proposals/${params.id}`);
    return fail(answer.problem.status, { problem: answer.problem });
  },

  takeBack: async ({ fetch, locals, params, request }) => {
    const { parking } = apiClient(fetch, locals.lang);
    const form = await request.formData();
    const json = { reason: textOf(form, 'reason') };
    const call = parking['agreement-proposals'][':id'].withdraw.$post({ param: { id: params.id }, json }, seenIn(form));
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/desk/agreements/proposals/${params.id}`);
    return fail(answer.problem.status, { problem: answer.problem });
  },
};
