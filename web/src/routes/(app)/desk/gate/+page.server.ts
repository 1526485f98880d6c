import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

const shownUnmatched = '20';

/** Who is in a lot that one runs, and what its gate saw that somebody has to match. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const answer = await unwrap(api.parking.gates.$get());
  if (!answer.ok && answer.problem.status === 404) error(403);
  const lots = required(answer).items;
  const lot = lots.find(({ id }) => id === url.searchParams.get('lot')) ?? lots[0];
  const key = crypto.randomUUID();
  if (lot === undefined) return { lots, shown: null, key };
  const param = { id: lot.id };
  const [presence, unmatched] = await Promise.all([
    unwrap(api.parking.lots[':id'].presence.$get({ param })),
    unwrap(api.parking.lots[':id'].unmatched.$get({ param, query: { limit: shownUnmatched } })),
  ]);
  return { lots, shown: { presence: required(presence), unmatched: required(unmatched).items }, key };
};

export const actions: Actions = {
  assign: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const call = apiClient(fetch, locals.lang).parking.sights[':id'].assign.$post(
      { param: { id: textOf(form, 'sight') }, json: { bookingId: textOf(form, 'booking') } },
      idempotency(form),
    );
    const answer = await unwrap(call);
    if (answer.ok) return { step: 'assigned' as const };
    return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  },

  dismiss: async ({ fetch, locals, request }) => {
    const form = await request.formData();
    const call = apiClient(fetch, locals.lang).parking.sights[':id'].dismiss.$post(
      { param: { id: textOf(form, 'sight') }, json: { reason: textOf(form, 'reason') } },
      idempotency(form),
    );
    const answer = await unwrap(call);
    if (answer.ok) return { step: 'dismissed' as const };
    return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  },

  reveal: async ({ fetch, locals, request }) => {
    const sight = textOf(await request.formData(), 'sight');
    const call = apiClient(fetch, locals.lang).parking.sights[':id'].reveal.$post({ param: { id: sight } });
    const answer = await unwrap(call);
    if (answer.ok) return { step: 'revealed' as const, sight, plate: answer.value.plate };
    return fail(answer.problem.status, { step: 'refused' as const, problem: answer.problem });
  },
};
