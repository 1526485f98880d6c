import { fail, redirect } from '@sveltejs/kit';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, required, unwrap, type ResourceOf } from '$lib/api.ts';
import { conflictWith } from '$lib/conflicts.ts';
import { currentAlerts } from '$lib/current-alerts.ts';
import { textOf } from '$lib/form-text.ts';
import { datesIn } from '$lib/i18n/dates.ts';
import { stopsCookie } from '$lib/preferences.ts';
import { ridesOn, turnedOn } from '$lib/rides.ts';
import { signInPath } from '$lib/page-paths.ts';
import { datesFrom, nextServiceDay, rememberedWay, rideAfter, stopsOf, wayFrom } from './choice.ts';
import type { Actions, PageServerLoad } from './$types';

/** Seats open this many days ahead; a closed day says when. */
const daysShown = 8;
const ownBookingsChecked = '50';
const yearSeconds = 365 * 24 * 60 * 60;

export const load: PageServerLoad = async ({ fetch, locals, url, parent, cookies }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const { dateOf, time } = datesIn(locals.lang, site.timeZone);
  const today = dateOf(site.now);
  const dates = datesFrom(today, daysShown);

  const [resources, calendar, own, alerts] = await Promise.all([
    unwrap(api.resources.$get({ query: { kind: 'shuttle', limit: '200' } })),
    unwrap(api.calendar.days.$get({ query: { from: today, to: dates.at(-1) ?? today } })),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: ownBookingsChecked } })),
    currentAlerts(api),
  ]);
  const runs = required(resources).items.filter((run): run is ResourceOf<'shuttle'> => run.kind === 'shuttle');
  const days = required(calendar).items;
  const stops = { inbound: stopsOf(runs, 'inbound'), outbound: stopsOf(runs, 'outbound') };
  const way = wayFrom(url.searchParams, stops.inbound, time(site.now), cookies.get(stopsCookie));
  if (url.searchParams.has('from'))
    cookies.set(stopsCookie, rememberedWay(way), {
      ...{ path: '/', maxAge: yearSeconds, httpOnly: true, sameSite: 'lax', secure: url.protocol === 'https:' },
    });

  const asked = url.searchParams.get('date');
  const first = asked !== null && dates.includes(asked) ? asked : today;
  const second = nextServiceDay(days, first);
  const runsOf = async (date: string | null) =>
    date === null ? [] : required(await unwrap(api.shuttle.runs.$get({ query: { date } }))).items;
  // Who looks for a ride from now on is counted as demand, without a name; who looks at one has found it.
  const isSearch = url.searchParams.has('from') && first === today && !url.searchParams.has('run');
  const search = { date: today, from: way.boardStopId, to: way.alightStopId, at: time(site.now) };
  const [firstDay, secondDay] = await Promise.all([
    runsOf(first),
    runsOf(second),
    isSearch ? unwrap(api.shuttle.runs.$get({ query: search })) : null,
  ]);
  const ridesOf = (day: typeof firstDay) => ridesOn(day, way.boardStopId, way.alightStopId, site.now);
  const [firstRides, secondRides] = [ridesOf(firstDay), ridesOf(secondDay)];
  const hasSeat = (day: typeof firstRides) => day.some(({ state }) => state === 'open');

  // Without a wish it is the first day on which there is a seat.
  const isSecond = asked === null && !hasSeat(firstRides) && hasSeat(secondRides) && second !== null;
  const date = isSecond ? second : first;
  const rides = isSecond ? secondRides : firstRides;
  const chosen = rides.find(({ runId }) => runId === url.searchParams.get('run')) ?? null;

  return {
    alerts,
    today,
    date,
    way,
    rides,
    turned: turnedOn(isSecond ? secondDay : firstDay, way.boardStopId, way.alightStopId),
    chosen,
    stops,
    days,
    nextDate: !isSecond && second !== null && (hasSeat(secondRides) || secondRides.length > 0) ? second : null,
    alternative: chosen === null ? null : rideAfter([...firstRides, ...secondRides], chosen),
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
            ...(form.has('wheelchair') && { wheelchair: true }),
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
