import { error, fail, redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { isCancellable } from '$lib/booking-summary.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';

/** As many parts as a day plan may have. */
const partsAtMost = '8';

/** The parts of one day plan together. */
export const load: PageServerLoad = async ({ fetch, locals, params, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { bookings } = apiClient(fetch, locals.lang);
  const found = required(await unwrap(bookings.$get({ query: { bundleId: params.id, limit: partsAtMost } })));
  if (found.items.length === 0) error(404);
  return {
    bookings: found.items.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt)),
    isNew: url.searchParams.has('new'),
    isCancelling: url.searchParams.has('cancel'),
    cancelled: Number(url.searchParams.get('cancelled') ?? 0),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  /** Cancels what can be; each by its own rule, so that what is past its time stays. */
  cancel: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null || locals.site === null) redirect(303, signInPath(url));
    const { now } = locals.site;
    const key = textOf(await request.formData(), 'key');
    const { bookings } = apiClient(fetch, locals.lang);
    const found = required(await unwrap(bookings.$get({ query: { bundleId: params.id, limit: partsAtMost } })));
    let cancelled = 0;
    for (const { id } of found.items.filter((booking) => isCancellable(booking, now))) {
      const headers = { 'idempotency-key': `${key}.${id}` };
      const done = await unwrap(bookings[':id'].cancel.$post({ param: { id } }, { headers }));
      if (!done.ok && cancelled === 0) return fail(done.problem.status, { problem: done.problem });
      if (done.ok) cancelled++;
    }
    redirect(303, `/bookings/plan/${params.id}?cancelled=${cancelled}`);
  },
};
