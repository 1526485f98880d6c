import { fail, redirect } from '@sveltejs/kit';
import { apiClient, idempotency, required, unwrap, type ResourceOf } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { stopsCookie } from '$lib/preferences.ts';
import { signInPath } from '$lib/page-paths.ts';
import { stopsOf, wayFrom } from '../../choice.ts';
import type { Actions, PageServerLoad } from './$types';

/** How far ahead a new one goes unless its rider says otherwise. */
const usualDays = 27;

/** A new regular ride, or other terms for one. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent, cookies }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const { dateOf, time } = datesIn(locals.lang, site.timeZone);
  const rideId = url.searchParams.get('ride');
  const [resources, known] = await Promise.all([
    unwrap(api.resources.$get({ query: { kind: 'shuttle', limit: '200' } })),
    rideId === null ? null : unwrap(api.shuttle['standing-rides'][':id'].$get({ param: { id: rideId } })),
  ]);
  const ride = known === null ? null : required(known);
  const runs = required(resources).items.filter((run): run is ResourceOf<'shuttle'> => run.kind === 'shuttle');
  const stops = { inbound: stopsOf(runs, 'inbound'), outbound: stopsOf(runs, 'outbound') };
  const params = new URLSearchParams(url.searchParams);
  if (ride !== null && !params.has('from')) {
    params.set('from', ride.boardStop.stopId);
    params.set('to', ride.alightStop.stopId);
  }
  const way = wayFrom(params, stops.inbound, time(site.now), cookies.get(stopsCookie));
  const options = runs.flatMap(({ id, facts }) => {
    const at = (stopId: string) => facts.stops.findIndex((stop) => stop.stopId === stopId);
    const [board, alight] = [at(way.boardStopId), at(way.alightStopId)];
    const [from, to] = [facts.stops[board], facts.stops[alight]];
    return from && to && board < alight ? [{ runId: id, departs: from.time, arrives: to.time }] : [];
  });
  const tomorrow = addDays(dateOf(site.now), 1);
  return {
    ride,
    way,
    stops,
    options: options.toSorted((a, b) => (a.departs < b.departs ? -1 : 1)),
    runAsked: url.searchParams.get('run'),
    today: dateOf(site.now),
    first: ride?.from ?? tomorrow,
    last: ride?.until ?? addDays(tomorrow, usualDays),
  };
};

function wishIn(form: FormData) {
  const weekdays = form.getAll('weekday').map(Number);
  return {
    ...{ runId: textOf(form, 'run'), boardStopId: textOf(form, 'from'), alightStopId: textOf(form, 'to') },
    seats: Number(textOf(form, 'seats')),
    wheelchair: form.has('wheelchair'),
    joinWaitlist: form.has('waitlist'),
    weekdays: textOf(form, 'basis') === 'some' ? weekdays : [],
    ...{ from: textOf(form, 'first'), until: textOf(form, 'last') },
  };
}
export type StandingWish = ReturnType<typeof wishIn>;

type Event = Parameters<NonNullable<Actions['plan']>>[0];

/** A change names the ride and the version that was seen; its first day stays. */
function send({ fetch, locals }: Event, form: FormData, dryRun: boolean) {
  const rides = apiClient(fetch, locals.lang).shuttle['standing-rides'];
  const { from, ...wish } = wishIn(form);
  const ride = textOf(form, 'ride');
  if (ride === '') return unwrap(rides.$post({ json: { ...wish, from, dryRun } }, dryRun ? {} : idempotency(form)));
  const headers = { ...idempotency(form).headers, 'if-match': `"${textOf(form, 'version')}"` };
  return unwrap(rides[':id'].$patch({ param: { id: ride }, json: { ...wish, dryRun } }, { headers }));
}

export const actions: Actions = {
  plan: async (event) => {
    const form = await event.request.formData();
    const wish = wishIn(form);
    if (textOf(form, 'basis') === 'some' && wish.weekdays.length === 0)
      return fail(422, { step: 'no-days' as const, wish });
    const seen = await send(event, form, true);
    if (!seen.ok) return fail(seen.problem.status, { step: 'refused' as const, wish, problem: seen.problem });
    return { step: 'plan' as const, wish, plan: seen.value, key: crypto.randomUUID() };
  },

  apply: async (event) => {
    const form = await event.request.formData();
    const wish = wishIn(form);
    const made = await send(event, form, false);
    if (!made.ok) return fail(made.problem.status, { step: 'refused' as const, wish, problem: made.problem });
    redirect(303, `/shuttle/standing?done=${textOf(form, 'ride') === '' ? 'made' : 'changed'}`);
  },
};
