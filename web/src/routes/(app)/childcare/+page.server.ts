import { fail, redirect } from '@sveltejs/kit';
import { allPages } from '$lib/all-pages.ts';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';
import { obstacleOf, sessionsOf, type Class } from './sessions.ts';

/** The next summer's sessions and classes, the nurseries, and who of one's children can go where. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const [resources, slots, own] = await Promise.all([
    allPages((cursor) => unwrap(api.resources.$get({ query: { kind: 'childcare', ...(cursor && { cursor }) } }))),
    allPages((cursor) => unwrap(api.slots.$get({ query: { kind: 'childcare', ...(cursor && { cursor }) } }))),
    me === null ? null : unwrap(api.bookings.$get({ query: { kind: 'childcare', when: 'upcoming' } })),
  ]);
  const classes = resources.filter((resource): resource is Class => resource.kind === 'childcare');
  const sessions = sessionsOf(classes, slots);
  const enrolments = own?.ok ? own.value.items : [];

  const asked = url.searchParams;
  const chosen = sessions.flatMap(({ places }) => places).find(({ slot }) => slot.id === asked.get('slot')) ?? null;
  const session =
    sessions.find(({ firstDay }) => firstDay === (chosen?.slot.firstDay ?? asked.get('session'))) ??
    sessions.find(({ remaining }) => remaining > 0) ??
    sessions[0] ??
    null;
  return {
    sessions,
    session,
    chosen,
    children:
      chosen === null
        ? []
        : (me?.children ?? []).map((child) => ({
            child,
            obstacle: obstacleOf(child, chosen.room, chosen.slot, enrolments),
          })),
    childId: asked.get('child'),
    nurseries: classes.filter(({ facts }) => facts.type === 'nursery-intent'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  book: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const answer = await unwrap(
      apiClient(fetch, locals.lang).bookings.$post(
        {
          json: {
            kind: 'childcare',
            slotId: textOf(form, 'slot'),
            childId: textOf(form, 'child'),
            ...waitingFrom(form),
          },
        },
        idempotency(form),
      ),
    );
    if (answer.ok) redirect(303, afterBooking(answer.value));
    return fail(answer.problem.status, { problem: answer.problem, key: crypto.randomUUID() });
  },
};
