import { fail, redirect } from '@sveltejs/kit';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, required, unwrap, type ResourceOf } from '$lib/api.ts';
import { conflictWith } from '$lib/conflicts.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { ridesBetween } from '$lib/rides.ts';
import { signInPath } from '$lib/page-paths.ts';
import { dateFrom, rideAfter, stopsOf, wayFrom } from './choice.ts';
import type { Actions, PageServerLoad } from './$types';

/** Seats open this many days ahead; a closed day says when. */
const daysShown = 8;
const ownBookingsChecked = '50';

export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const { dateOf, time } = datesIn(locals.lang, site.timeZone);
  const today = dateOf(site.now);
  const days = Array.from({ length: daysShown }, (_, index) => addDays(today, index));
  const range = { from: today, to: addDays(today, daysShown - 1) };

  const [resources, legs, calendar, own] = await Promise.all([
    unwrap(api.resources.$get({ query: { kind: 'shuttle', limit: '200' } })),
    unwrap(api.slots.$get({ query: { kind: 'shuttle', ...range, limit: '1000' } })),
    unwrap(api.calendar.days.$get({ query: range })),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: ownBookingsChecked } })),
  ]);
  const runs = required(resources).items.filter((run): run is ResourceOf<'shuttle'> => run.kind === 'shuttle');
  const way = wayFrom(url.searchParams, runs, time(site.now));
  const allRides = ridesBetween(runs, required(legs).items, way.boardStopId, way.alightStopId);
  const date = dateFrom(url.searchParams.get('date'), days, allRides);
  const rides = allRides.filter((ride) => ride.date === date);
  const chosen = rides.find(({ runId }) => runId === url.searchParams.get('run')) ?? null;

  return {
    today,
    date,
    way,
    rides,
    chosen,
    stops: { inbound: stopsOf(runs, 'inbound'), outbound: stopsOf(runs, 'outbound') },
    days: required(calendar).items.filter((day) => days.includes(day.date)),
    nextDate: allRides.find((ride) => ride.state === 'open' && ride.date !== date)?.date ?? null,
    alternative: chosen === null ? null : rideAfter(allRides, chosen),
    conflict:
      chosen !== null && own?.ok
        ? conflictWith(own.value.items, { startsAt: chosen.departsAt, endsAt: chosen.arrivesAt })
        : null,
    rules: runs.find(({ id }) => id === chosen?.runId)?.rules ?? [],
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  book: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const booked = await unwrap(
      apiClient(fetch, locals.lang).bookings.$post(
        {
          json: {
            kind: 'shuttle',
            runId: textOf(form, 'run'),
            serviceDate: textOf(form, 'date'),
            boardStopId: textOf(form, 'from'),
            alightStopId: textOf(form, 'to'),
            seats: Number(textOf(form, 'seats')),
            ...waitingFrom(form),
          },
        },
        idempotency(form),
      ),
    );
    if (booked.ok) redirect(303, afterBooking(booked.value));
    if (booked.problem.status === 401) redirect(303, signInPath(url));
    return fail(booked.problem.status, { problem: booked.problem, key: crypto.randomUUID() });
  },
};
