import { error, fail, redirect } from '@sveltejs/kit';
import { allPages } from '$lib/all-pages.ts';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, required, unwrap } from '$lib/api.ts';
import { conflictWith } from '$lib/conflicts.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn } from '$lib/i18n/dates.ts';
import { orderIn } from '$lib/links.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { Actions, PageServerLoad } from './$types';
import { firstDayToOrder, lunchDays, quietestWindow } from './lunch-day.ts';

/** As far as menus are known ahead: a week of tabs. */
const daysShown = 8;
const ownBookingsChecked = '50';

/** The lunch of a day: canteens with what is left, the chosen canteen's windows, the chosen window's menu. */
export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const today = datesIn(locals.lang, site.timeZone).dateOf(site.now);
  const range = { from: today, to: addDays(today, daysShown - 1) };
  const [canteens, slots, calendar, own] = await Promise.all([
    allPages((cursor) => unwrap(api.resources.$get({ query: { kind: 'canteen', ...(cursor && { cursor }) } }))),
    allPages((cursor) =>
      unwrap(api.slots.$get({ query: { kind: 'canteen', ...range, limit: '1000', ...(cursor && { cursor }) } })),
    ),
    unwrap(api.calendar.days.$get({ query: range })),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: ownBookingsChecked } })),
  ]);
  const days = lunchDays(required(calendar).items, slots);
  const asked = url.searchParams;
  const day = days.find(({ date }) => date === asked.get('date')) ?? firstDayToOrder(days);
  if (day === undefined) error(503);

  const ofDay = slots.filter(({ serviceDate }) => serviceDate === day.date);
  const canteen =
    canteens.find(({ id }) => id === asked.get('at')) ??
    canteens.find(({ id }) => ofDay.some(({ resourceId, state }) => resourceId === id && state === 'open')) ??
    canteens[0];
  if (canteen?.kind !== 'canteen') error(503);
  const windows = ofDay.filter(({ resourceId }) => resourceId === canteen.id);
  const window = windows.find(({ id }) => id === asked.get('slot')) ?? quietestWindow(windows) ?? windows[0] ?? null;
  const menu = window === null ? [] : required(await unwrap(api.menus.$get({ query: { slotId: window.id } }))).items;

  const dishes = new Set(menu.map(({ id }) => id));
  const order = Object.fromEntries(Object.entries(orderIn(asked)).filter(([id]) => dishes.has(id)));
  return {
    today,
    days,
    day,
    canteens: canteens.filter((resource) => resource.kind === 'canteen'),
    windowsOfDay: ofDay,
    canteen,
    windows,
    window,
    menu,
    order,
    conflict: window !== null && own?.ok ? conflictWith(own.value.items, window) : null,
    isConfirming: asked.get('confirm') === '1',
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  book: async ({ fetch, locals, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const order = orderIn(form);
    const answer = await unwrap(
      apiClient(fetch, locals.lang).bookings.$post(
        {
          json: {
            kind: 'canteen',
            slotId: textOf(form, 'slot'),
            items: Object.entries(order).map(([dishId, quantity]) => ({ dishId, quantity })),
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
