import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap, type ApiClient } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

const pageSize = '10';

/** The rides that book themselves, with what was done for each day. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const asked = url.searchParams;
  const cursor = asked.get('cursor');
  const query = { limit: pageSize, ...(cursor !== null && { cursor }) };
  const { shuttle } = apiClient(fetch, locals.lang);
  const page = required(await unwrap(shuttle['standing-rides'].$get({ query })));
  const to = asked.get('to') === 'paused' ? ('paused' as const) : ('ended' as const);
  return {
    rides: page.items.toSorted((a, b) => Number(a.state === 'ended') - Number(b.state === 'ended')),
    nextCursor: page.nextCursor,
    isFirstPage: cursor === null,
    done: asked.get('done'),
    stopping: asked.has('stop') ? { id: asked.get('stop') ?? '', to } : null,
    key: crypto.randomUUID(),
  };
};

type Rides = ApiClient['shuttle']['standing-rides'][':id'];

async function step(
  { fetch, locals, request }: RequestEvent,
  send: (ride: Rides, param: { id: string }, form: FormData) => ReturnType<Rides['end']['$post']>,
  done: string,
) {
  const form = await request.formData();
  const ride = apiClient(fetch, locals.lang).shuttle['standing-rides'][':id'];
  const answer = await unwrap(send(ride, { id: textOf(form, 'ride') }, form));
  if (answer.ok) redirect(303, `/shuttle/standing?done=${done}`);
  return fail(answer.problem.status, { problem: answer.problem });
}

const ridesIn = (form: FormData) => ({
  rides: textOf(form, 'rides') === 'cancel' ? ('cancel' as const) : ('keep' as const),
});

export const actions: Actions = {
  pause: (event) =>
    step(event, (ride, param, form) => ride.pause.$post({ param, json: ridesIn(form) }, idempotency(form)), 'paused'),
  end: (event) =>
    step(event, (ride, param, form) => ride.end.$post({ param, json: ridesIn(form) }, idempotency(form)), 'ended'),
  resume: (event) => step(event, (ride, param, form) => ride.resume.$post({ param }, idempotency(form)), 'resumed'),
};
