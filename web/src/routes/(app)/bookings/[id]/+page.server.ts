import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';
import { placeOf } from './place-of.ts';

/** Everything about one booking, and where it is. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const booking = required(await unwrap(api.bookings[':id'].$get({ param: { id: params.id } })));
  return {
    booking,
    place: await placeOf(api, booking),
    isNew: url.searchParams.has('new'),
    isCancelling: url.searchParams.has('cancel'),
    isJustCancelled: url.searchParams.has('cancelled'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  cancel: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const call = apiClient(fetch, locals.lang).bookings[':id'].cancel.$post(
      { param: { id: params.id } },
      idempotency(form),
    );
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/bookings/${params.id}?cancelled=1`);
    return fail(answer.problem.status, { problem: answer.problem, key: crypto.randomUUID() });
  },
};
