import { fail, redirect } from '@sveltejs/kit';
import { allPages } from '$lib/all-pages.ts';
import { apiClient, idempotency, required, unwrap, type BookingRequest, type ResourceOf } from '$lib/api.ts';
import { conflictWith } from '$lib/conflicts.ts';
import { textOf } from '$lib/form-text.ts';
import { datesIn } from '$lib/i18n/dates.ts';
import { orderIn } from '$lib/links.ts';
import { signInPath } from '$lib/page-paths.ts';
import { stopsCookie } from '$lib/preferences.ts';
import { ridesOn } from '$lib/rides.ts';
import { walkBetween } from '$lib/walking.ts';
import { datesFrom, nextServiceDay, stopsOf, wayFrom } from '../shuttle/choice.ts';
import { isInTimeForHome, isInTimeForLunch, type DayPlan } from './plan.ts';
import type { Actions, PageServerLoad } from './$types';

const daysShown = 8;
const ownBookingsChecked = '50';
const none = 'none';

/** A day in the park: what there is of each part on that date, and what is chosen so far; the address holds the choice. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent, cookies }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const asked = url.searchParams;
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const dates = datesFrom(today, daysShown);
  const [resources, calendar, own] = await Promise.all([
    unwrap(api.resources.$get({ query: { limit: '200' } })),
    unwrap(api.calendar.days.$get({ query: { from: today, to: dates.at(-1) ?? today } })),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: ownBookingsChecked } })),
  ]);
  const days = required(calendar).items;
  const all = required(resources).items;
  const runs = all.filter((resource): resource is ResourceOf<'shuttle'> => resource.kind === 'shuttle');
  const canteens = all.filter((resource): resource is ResourceOf<'canteen'> => resource.kind === 'canteen');
  const stops = stopsOf(runs, 'inbound');
  // In the morning's direction, whatever the time is now.
  const way = wayFrom(asked, stops, '00:00', cookies.get(stopsCookie));
  const wished = asked.get('date');
  const date = wished !== null && dates.includes(wished) ? wished : (nextServiceDay(days, today) ?? today);

  const [runDays, windows] = await Promise.all([
    unwrap(api.shuttle.runs.$get({ query: { date } })),
    allPages((cursor) =>
      unwrap(
        api.slots.$get({ query: { kind: 'canteen', from: date, to: date, limit: '1000', ...(cursor && { cursor }) } }),
      ),
    ),
  ]);
  const { items } = required(runDays);
  const ridesIn = ridesOn(items, way.boardStopId, way.alightStopId, site.now);
  const ridesHome = ridesOn(items, way.alightStopId, way.boardStopId, site.now);
  const parkStop = runs[0]?.facts.stops.find(({ stopId }) => stopId === way.alightStopId) ?? null;
  const walks = Object.fromEntries(
    canteens.map(({ id, place }) => [id, walkBetween(parkStop, place, site.walkingMetresPerMinute)?.minutes ?? null]),
  );

  const isOpen = ({ state }: { state: string }) => state === 'open';
  const pick = <Item>(name: string, list: readonly Item[], idOf: (item: Item) => string, first: Item | undefined) =>
    asked.get(name) === none ? null : (list.find((item) => idOf(item) === asked.get(name)) ?? first ?? null);
  const toWork = pick('in', ridesIn, ({ runId }) => runId, ridesIn.find(isOpen));
  const window = pick(
    'slot',
    windows,
    ({ id }) => id,
    windows.find((slot) => isOpen(slot) && isInTimeForLunch(toWork, slot, walks)),
  );
  const home = pick(
    'home',
    ridesHome,
    ({ runId }) => runId,
    ridesHome.findLast((ride) => isOpen(ride) && isInTimeForHome(window, ride, walks)),
  );
  const menu = window === null ? [] : required(await unwrap(api.menus.$get({ query: { slotId: window.id } }))).items;
  const order = orderIn(asked);
  const plan: DayPlan = {
    toWork,
    home,
    lunch: window === null ? null : { window, dishes: menu.filter(({ id }) => id in order) },
  };
  const ownItems = own?.ok ? own.value.items : [];
  const spans = [toWork, home].flatMap((ride) => (ride ? [{ startsAt: ride.departsAt, endsAt: ride.arrivesAt }] : []));
  return {
    today,
    date,
    days,
    way,
    stops,
    ridesIn,
    ridesHome,
    windows: windows.filter(({ state }) => state !== 'closed'),
    canteens: canteens.map(({ id, name }) => ({ id, name })),
    walks,
    menu,
    plan,
    conflicts: [...spans, ...(window ? [window] : [])].flatMap((span) => conflictWith(ownItems, span) ?? []),
    isConfirming: asked.get('confirm') === '1',
    key: crypto.randomUUID(),
  };
};

/** What the form asks for, in the order in which a refusal counts the parts. */
function wishesIn(form: FormData): BookingRequest[] {
  const [from, to, serviceDate] = [textOf(form, 'from'), textOf(form, 'to'), textOf(form, 'date')];
  const ride = (runId: string, boardStopId: string, alightStopId: string): BookingRequest[] =>
    runId === '' ? [] : [{ kind: 'shuttle', runId, serviceDate, boardStopId, alightStopId, seats: 1 }];
  const items = Object.entries(orderIn(form)).map(([dishId, quantity]) => ({ dishId, quantity }));
  const slotId = textOf(form, 'slot');
  return [
    ...ride(textOf(form, 'in'), from, to),
    ...(slotId === '' || items.length === 0 ? [] : [{ kind: 'canteen' as const, slotId, items }]),
    ...ride(textOf(form, 'home'), to, from),
  ];
}

export const actions: Actions = {
  book: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const bookings = wishesIn(form);
    const bundle = apiClient(fetch, locals.lang).bookings.bundle;
    const booked = await unwrap(bundle.$post({ json: { bookings } }, idempotency(form)));
    if (!booked.ok) return fail(booked.problem.status, { problem: booked.problem, key: crypto.randomUUID() });
    const [first] = booked.value.bookings;
    redirect(303, first?.bundleId ? `/bookings/plan/${first.bundleId}?new=1` : `/bookings/${first?.id ?? ''}?new=1`);
  },
};
